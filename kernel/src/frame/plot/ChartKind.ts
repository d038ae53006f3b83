// The seam of the charts: one kind is one file in charts/ and one line in registry.ts. `prepare` refuses wrong columns at
// once; what it returns runs the queries, as often as the chart is shown. A kind sees the frame only through Query.

import type { Drawing } from "./Chart.js"
import type { ChartOptions } from "./options.js"
import type { Query } from "./Query.js"

export interface ChartKind<Options extends ChartOptions> {
  /** Beside `title`, `width` and `height`. */
  readonly options: readonly (keyof Options & string)[]
  prepare(query: Query, options: Options): () => Promise<Drawing>
}
