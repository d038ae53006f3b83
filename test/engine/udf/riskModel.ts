// What a user would import into a cell: bundled into the script that travels.
export function riskOf(delay: number): number {
  if (delay > 1e6) throw new RangeError(`no risk for ${delay}`)
  return delay / 100
}
