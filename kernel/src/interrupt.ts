// How an interrupt reaches code that works while a cell awaits it: training loops, queries, pools. The runner settles the
// cell by itself; whatever goes on behind the await has to listen here, or it goes on. Imports nothing of ours.

let controller = new AbortController()

/** Aborted when the user interrupts the cell that runs now. Take it where the work begins, not at import. */
export function cellSignal(): AbortSignal {
  return controller.signal
}

/** A new cell begins: work of the cells before it no longer hears of interrupts. Only the runner calls it. */
export function beginCell(): void {
  controller = new AbortController()
}

/** Tells whoever listens to stop. Only the runner calls it. */
export function interruptCell(): void {
  controller.abort(new Error("The cell was interrupted."))
}
