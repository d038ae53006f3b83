// What the panel asks of JupyterLab (PanelHost): cells of the current notebook, the clipboard, other views.

import { Clipboard } from "@jupyterlab/apputils"
import { type INotebookTracker, NotebookActions } from "@jupyterlab/notebook"
import type { CommandRegistry } from "@lumino/commands"
import type { PanelHost } from "../panel/PanelHost.js"
import { CommandIDs } from "./commands.js"

export function labHost(tracker: INotebookTracker, commands: CommandRegistry): PanelHost {
  return {
    insertCell(code) {
      const notebook = tracker.currentWidget?.content
      if (notebook === undefined) return
      NotebookActions.insertBelow(notebook)
      notebook.activeCell?.model.sharedModel.setSource(code)
    },
    revealCell(key) {
      const notebook = tracker.currentWidget?.content
      if (notebook === undefined) return
      const at = notebook.widgets.findIndex(cell => executionOf(cell.model) === key)
      if (at < 0) return
      notebook.activeCellIndex = at
      void notebook.scrollToItem(at, "smart")
    },
    copy: text => Clipboard.copyToSystem(text),
    openDashboard: () => void commands.execute(CommandIDs.openDashboard),
    openSettings: () => void commands.execute("settingeditor:open", { query: "shardlab" }),
  }
}

/** msg_id of the request that made a cell's outputs; JupyterLab keeps it in the cell's metadata while it runs. */
function executionOf(model: { getMetadata(name: string): unknown }): string | undefined {
  const execution = model.getMetadata("execution") as { "shell.execute_reply.parent"?: string } | undefined
  return execution?.["shell.execute_reply.parent"]
}
