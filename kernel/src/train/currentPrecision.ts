// The precision in use, where those who cut programs and take steps can read it. Set through precision.ts only.

import type { Precision } from "../ir/autocast.js"

let current: Precision = "f32"

export function currentPrecision(): Precision {
  return current
}

export function switchTo(precision: Precision): void {
  current = precision
}
