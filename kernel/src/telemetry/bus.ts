// Carries events from where they happen to whoever records them, inside one process. Not the recorder and not the
// transport: the runner subscribes and passes events to the front. Without a subscriber an event costs one test.

import type { EventBase, TelemetryEvent } from "./events.js"

type Listener = (event: TelemetryEvent) => void
/** An event as its source gives it: `t` defaults to now, `cell` is filled in by the runner. */
export type NewEvent = TelemetryEvent extends infer E
  ? E extends EventBase
    ? Omit<E, "t" | "cell"> & { t?: number }
    : never
  : never

const listeners = new Set<Listener>()

/** Records an event; returns at once, and never throws into the code it observes. */
export function emit(event: NewEvent): void {
  if (listeners.size === 0) return
  const stamped = { t: Date.now(), ...event } as TelemetryEvent
  for (const listener of listeners) listener(stamped)
}

/** Calls `listener` for every event from now on; the returned function ends that. */
export function subscribe(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const unsaid = new Set<Promise<unknown>>()
const patienceMs = 1_000

/** Work has ended, and its last events are still being fetched. */
export function followUp(last: Promise<unknown>): void {
  unsaid.add(last)
  const remove = (): void => void unsaid.delete(last)
  last.then(remove, remove)
}

/** Settles when all of that is out, or after a second: a cell ends after its last events, so that its picture has them. */
export async function followedUp(): Promise<void> {
  if (unsaid.size === 0) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, patienceMs)
  })
  await Promise.race([Promise.allSettled(unsaid), late])
  clearTimeout(timer)
}
