// How training hears of an interrupt: whoever composes the process says where the signal of the running cell comes from.

let current: () => AbortSignal = () => new AbortController().signal

/** Each fit takes the signal when it begins, and stops at the end of a step once that is aborted. */
export function stopTrainingOn(signal: () => AbortSignal): void {
  current = signal
}

export function trainingSignal(): AbortSignal {
  return current()
}
