// The plugins of the extension. What each does stands in its own file.

import type { JupyterFrontEndPlugin } from "@jupyterlab/application"
import { hubPlugin } from "./comm/hubPlugin.js"
import { panelPlugin } from "./panel/panelPlugin.js"
import { statusPlugin } from "./status/statusPlugin.js"

const plugins: JupyterFrontEndPlugin<unknown>[] = [hubPlugin, panelPlugin, statusPlugin]

export default plugins
export { ITelemetryHub, type Subject } from "./tokens.js"
