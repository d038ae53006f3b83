// Magic options as the text of an object literal. Not a printer of values: the options are TypeScript text already.

/** `{ label: "digit", epochs: 5 }`, or the empty string when there is nothing in it. */
export function objectText(entries: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined)
  return given.length === 0 ? "" : `{ ${given.map(([name, value]) => `${name}: ${value}`).join(", ")} }`
}

/** The package, for a magic that must work where the cell imported nothing. */
export const shardlab = '(await import("shardlab"))'

/** A call with the arguments that are there. */
export function callText(callee: string, ...args: readonly string[]): string {
  return `${callee}(${args.filter(text => text !== "").join(", ")})`
}

/** `--features a,b` is a list of columns. */
export function withColumns(options: Readonly<Record<string, string>>): Record<string, string> {
  const { features } = options
  if (features === undefined || !features.includes(",")) return options
  const columns = (JSON.parse(features) as string).split(",").map(column => column.trim())
  return { ...options, features: JSON.stringify(columns) }
}
