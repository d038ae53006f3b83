// The kinds of charts: one line each. Their options, typed by the frame's columns, are in Plot.ts.

import type { ChartKind } from "./ChartKind.js"
import { bar } from "./charts/bar.js"
import { box } from "./charts/box.js"
import { heatmap } from "./charts/heatmap.js"
import { histogram } from "./charts/histogram.js"
import { line } from "./charts/line.js"
import { map } from "./charts/map.js"
import { point } from "./charts/point.js"

export const charts = { bar, line, point, histogram, box, heatmap, map } as const satisfies Record<
  string,
  ChartKind<never>
>
