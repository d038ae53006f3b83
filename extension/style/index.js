// What JupyterLab loads as the extension's style module.
import "./colours.css"
import "./panel.css"
import "./lanes.css"
