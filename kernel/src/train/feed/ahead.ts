// Reads on while the last part is worked on: the next one is asked for before the one at hand is given out.

/** The same values; `depth` of them are on their way. What the source throws comes where its value would have. */
export async function* ahead<T>(source: AsyncIterable<T>, depth = 1): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]()
  const coming: Promise<IteratorResult<T>>[] = []
  const ask = () => {
    const next = iterator.next()
    // Whoever awaits it hears of the error; nobody does after an early end.
    next.catch(() => {})
    coming.push(next)
  }
  try {
    for (let i = 0; i < depth; i++) ask()
    for (;;) {
      const { done, value } = await coming.shift()!
      if (done) return
      ask()
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}
