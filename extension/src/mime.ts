// Shows the snapshots that stay in notebooks. A MIME renderer of its own, so that it works in any document, kernel or not.

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import type { Message } from "@lumino/messaging"
import { Widget } from "@lumino/widgets"
import type { Snapshot } from "shardlab/events"
import { SnapshotView } from "./snapshot/SnapshotView.js"

const mimeType = "application/vnd.shardlab.snapshot.v1+json"
const version = 1

export class RenderedSnapshot extends Widget implements IRenderMime.IRenderer {
  #view: SnapshotView | undefined
  readonly #size = new ResizeObserver(() => this.#view?.draw())
  /**
   * JupyterLab says its theme in attributes of the body; canvases have to be drawn again. In the next frame: JupyterLab
   * hides its whole page for the rest of this one, and what is hidden has no width to draw on.
   */
  readonly #theme = new MutationObserver(() => requestAnimationFrame(() => this.#view?.draw()))

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const snapshot = model.data[mimeType] as unknown as Snapshot
    // A later version: whoever made it also left a picture, which is shown when this rejects.
    if (snapshot.version !== version)
      throw new Error(`Snapshot version ${snapshot.version} is not known here.`)
    this.#view = new SnapshotView(snapshot)
    this.node.replaceChildren(this.#view.root)
    this.#size.observe(this.node)
    this.#theme.observe(document.body, { attributeFilter: ["data-jp-theme-name"] })
    this.#view.draw()
  }

  override dispose(): void {
    this.#size.disconnect()
    this.#theme.disconnect()
    super.dispose()
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message)
    this.#view?.draw()
  }
}

const extension: IRenderMime.IExtension = {
  id: "@shardlab/extension:snapshot",
  description: "Shows what shards, devices, training and policies did during a cell.",
  rendererFactory: {
    safe: true,
    mimeTypes: [mimeType],
    // Before vega-lite, PNG and text, which the same bundle carries for viewers without this extension.
    defaultRank: 10,
    createRenderer: () => new RenderedSnapshot(),
  },
  dataType: "json",
}

export default extension
