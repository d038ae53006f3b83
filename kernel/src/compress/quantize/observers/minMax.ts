// Everything that occurred: nothing is cut off, and one outlier makes every step coarser.

import type { Observer } from "./Observer.js"

export function minMax(): Observer {
  let [min, max] = [Infinity, -Infinity]
  return {
    see(values) {
      for (const value of values) {
        if (value < min) min = value
        if (value > max) max = value
      }
    },
    range: () => ({ min, max }),
  }
}
