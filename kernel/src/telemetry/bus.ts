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
