// How all charts look. A chart is drawn once and shown on light and on dark pages (JupyterLab's themes, a code host, a
// mail), so nothing is painted behind it, text and lines are greys that keep a contrast of 4 and more on both, and the
// data colours are of middle lightness. Not a reader of --jp-* variables: a canvas and a PNG know none.

const ink = "#7a7a7a"
const faint = "rgba(128, 128, 128, 0.25)"

export const blue = "#4c8fd6"
export const categories = [
  blue,
  "#e58a2b",
  "#3fa66a",
  "#d65a5a",
  "#9a76c9",
  "#a8785c",
  "#d76fb0",
  "#2fa3b5",
  "#a3a13c",
  "#6e86a8",
  // the rest, folded into one
  "#8c8c8c",
] as const

export const config = {
  view: { stroke: null },
  font: "sans-serif",
  mark: { color: blue },
  rule: { color: ink },
  axis: {
    labelColor: ink,
    titleColor: ink,
    titleFontWeight: "normal",
    gridColor: faint,
    domainColor: ink,
    tickColor: ink,
    labelLimit: 140,
  },
  legend: { labelColor: ink, titleColor: ink, titleFontWeight: "normal" },
  title: { anchor: "start", color: ink, subtitleColor: ink, fontSize: 14, subtitleFontSize: 11, offset: 12 },
  range: { category: categories, heatmap: { scheme: "viridis" }, ramp: { scheme: "viridis" } },
} as const
