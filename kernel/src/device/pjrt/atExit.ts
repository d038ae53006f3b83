// Closes what is open when the process ends: a program that still runs on XLA's threads would read memory that Node has taken
// down, and the process would end by a segmentation fault after all of its work. Not for a clean up that anybody waits for.

interface Open {
  /** Reads that somebody awaits. */
  readonly events: { readonly pending: number }
  close(): void
}

const open = new Set<Open>()
let listening = false

export function closeAtExit(one: Open): void {
  open.add(one)
  if (listening) return
  listening = true
  process.on("exit", () => {
    for (const client of open) {
      // XLA tells an awaited read to this thread, which would wait for XLA: neither would go on.
      if (client.events.pending === 0) client.close()
    }
  })
}

export function closed(one: Open): void {
  open.delete(one)
}
