// The panel's icons as path data on a 16 x 16 grid, drawn with strokes in the colour of the text around them.

export const icons = {
  pause: "M5.5 3.5 V12.5 M10.5 3.5 V12.5",
  play: "M5 3 L12.5 8 L5 13 Z",
  fit: "M2.5 5.5 V2.5 H5.5 M10.5 2.5 H13.5 V5.5 M13.5 10.5 V13.5 H10.5 M5.5 13.5 H2.5 V10.5",
  back: "M6 3.5 L2.5 7 L6 10.5 M2.5 7 H10 A3.5 3.5 0 0 1 10 13.5 H7",
  lanes: "M2.5 4 H13.5 M4.5 8 H11.5 M6.5 12 H9.5",
  table: "M2.5 3.5 H13.5 V12.5 H2.5 Z M2.5 6.5 H13.5 M2.5 9.5 H13.5",
  open: "M9 2.5 H13.5 V7 M13.5 2.5 L7.5 8.5 M11.5 9.5 V13.5 H2.5 V4.5 H6.5",
  settings:
    "M8 5.5 A2.5 2.5 0 1 1 7.99 5.5 Z M8 1.5 V3.5 M8 12.5 V14.5 M1.5 8 H3.5 M12.5 8 H14.5 M3.4 3.4 L4.8 4.8 M11.2 11.2 L12.6 12.6 M12.6 3.4 L11.2 4.8 M4.8 11.2 L3.4 12.6",
  plus: "M8 3 V13 M3 8 H13",
  copy: "M5.5 5.5 H13.5 V13.5 H5.5 Z M10.5 5.5 V2.5 H2.5 V10.5 H5.5",
  cross: "M3.5 3.5 L12.5 12.5 M12.5 3.5 L3.5 12.5",
  info: "M8 2 A6 6 0 1 1 7.99 2 Z M8 7.2 V11.2 M8 4.8 V5.2",
  warning: "M8 2.5 L14 13 H2 Z M8 6.5 V9.5 M8 11 V11.3",
} as const

export type IconName = keyof typeof icons

/** The tab's mark: bars that begin at different times. */
export const tabIconSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">' +
  '<g class="jp-icon3 jp-icon-selectable" fill="#616161"><rect x="1.5" y="2.5" width="8" height="2.6" rx="1"/>' +
  '<rect x="4" y="6.7" width="8" height="2.6" rx="1"/><rect x="6.5" y="10.9" width="8" height="2.6" rx="1"/></g></svg>'
