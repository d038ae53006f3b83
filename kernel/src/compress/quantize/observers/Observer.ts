// Watches the values of one tensor while calibration rows run, and says which range its integers should span. One a
// tensor; it may keep counts, never the values: calibration data is of any size.

import type { Range } from "../affine.js"

export interface Observer {
  /** Finite values, some of them; called once a batch. */
  see(values: Float32Array): void
  range(): Range
}
