// Plugin: the telemetry hub, which other extensions may ask for too.

import type { JupyterFrontEndPlugin } from "@jupyterlab/application"
import { INotebookTracker } from "@jupyterlab/notebook"
import { ITelemetryHub } from "../tokens.js"
import { Hub } from "./Hub.js"

export const hubPlugin: JupyterFrontEndPlugin<ITelemetryHub> = {
  id: "@shardlab/extension:hub",
  description: "Receives the telemetry of shardlab kernels.",
  autoStart: true,
  requires: [INotebookTracker],
  provides: ITelemetryHub,
  activate: (_, tracker: INotebookTracker) => new Hub(tracker),
}
