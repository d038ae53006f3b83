// What the panel asks of whoever it lives in (JupyterLab, or a page in a test). The panel itself knows no JupyterLab.

export interface PanelHost {
  /** Puts code into a new cell below the active one of the current notebook. */
  insertCell(code: string): void
  /** Selects and scrolls to the cell that a run belongs to; `key` is the msg_id of its execute request. */
  revealCell(key: string): void
  copy(text: string): void
  openDashboard(): void
  openSettings(): void
}
