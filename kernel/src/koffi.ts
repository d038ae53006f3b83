// koffi, by which C is called, loaded when first needed and set up once for this process. Not a wrapper: callers use koffi's
// own functions.

import { createRequire } from "node:module"

export type Koffi = typeof import("koffi").default

/**
 * What Linux gives a thread. koffi's own is 128 KiB for a call off the thread, without a page that guards its end: XLA's
 * compiler needs more for some programs, and went on into whatever lay below. Only what is touched takes memory.
 */
const stackBytes = 8 * 2 ** 20

let loaded: Koffi | undefined

export function loadKoffi(): Koffi {
  if (loaded !== undefined) return loaded
  const koffi = createRequire(import.meta.url)("koffi") as Koffi
  koffi.config({ sync_stack_size: stackBytes, async_stack_size: stackBytes })
  loaded = koffi
  return koffi
}
