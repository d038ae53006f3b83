// Batches that are there already come without a turn of the event loop between them, however many: a kernel would neither
// answer nor draw meanwhile. This gives the loop a turn whenever the work since its last one has taken long.

import { setImmediate as turn } from "node:timers/promises"

const longestMs = 8

export async function* breathe<T>(batches: AsyncIterable<T>): AsyncGenerator<T> {
  let since = performance.now()
  for await (const batch of batches) {
    if (performance.now() - since > longestMs) {
      await turn()
      since = performance.now()
    }
    yield batch
  }
}
