// `display(value)` of cells: shows any value while the cell runs. Returns its handle at once also for a value that needs
// time to make its bundle; the cell ends only when all of these are shown.

import { type DisplayHandle, type MimeBundle, showBundle } from "../../display.js"
import { withPicture } from "./picture.js"
import { bundleOf, isBundle } from "./values.js"

const handles = new WeakSet<object>()
const pending = new Set<Promise<void>>()
let made = 0

/** Shows a MIME bundle as it is, anything else as it would be as a cell's result. */
export function display(value: unknown, options: { id?: string } = {}): DisplayHandle {
  const id = options.id ?? `display-${process.pid}-${++made}`
  const bundle = isBundle(value) ? withPicture(value) : bundleOf(value)
  const handle = bundle instanceof Promise ? later(id, bundle) : showBundle(bundle, { id })
  handles.add(handle)
  return handle
}

function later(id: string, bundle: Promise<MimeBundle>): DisplayHandle {
  const shown = bundle.then(ready => showBundle(ready, { id }))
  track(shown.then(() => {}))
  return { id, update: next => track(shown.then(first => first.update(next))) }
}

/** True for what `display` returned: a cell that ends with a call of it has no result to show. */
export function isDisplayHandle(value: unknown): boolean {
  return typeof value === "object" && value !== null && handles.has(value)
}

/** Settles when all displays so far are out; rejects with what one of them threw. */
export async function displaysDone(): Promise<void> {
  while (pending.size > 0) await Promise.all(pending)
}

function track(shown: Promise<void>): void {
  pending.add(shown)
  const remove = (): void => void pending.delete(shown)
  shown.then(remove, remove)
}
