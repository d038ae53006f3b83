// The icon of the panel's tab, the dashboard and the status item.

import { LabIcon } from "@jupyterlab/ui-components"
import { tabIconSvg } from "./icons.js"

export const tabIcon = new LabIcon({ name: "shardlab:panel", svgstr: tabIconSvg })
