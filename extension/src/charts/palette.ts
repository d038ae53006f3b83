// The colours of data and of the surfaces they lie on, read from CSS variables (style/colours.css and JupyterLab's theme),
// so that a theme change needs no code.

const variables = {
  running: "--shardlab-running",
  done: "--shardlab-done",
  queued: "--shardlab-queued",
  warning: "--shardlab-warning",
  warningEdge: "--shardlab-warning-edge",
  failed: "--shardlab-failed",
  slow: "--shardlab-slow",
  power: "--shardlab-power",
  text: "--jp-ui-font-color1",
  secondary: "--jp-inverse-layout-color3",
  surface: "--jp-layout-color1",
  grid: "--jp-border-color2",
  tint: "--shardlab-tint",
  heatLow: "--shardlab-heat-low",
  glyph: "--shardlab-glyph",
  area: "--shardlab-area",
  band: "--shardlab-band",
} as const

export type Palette = { readonly [K in keyof typeof variables]: string } & { readonly font: string }

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const colours = Object.fromEntries(
    Object.entries(variables).map(([key, name]) => [key, style.getPropertyValue(name).trim() || "#808080"]),
  ) as Record<keyof typeof variables, string>
  return { ...colours, font: style.getPropertyValue("--jp-ui-font-family").trim() || "sans-serif" }
}
