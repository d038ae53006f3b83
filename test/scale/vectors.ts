// Golden cases recorded from the real autoscalers; fields are described in the head of each file and in ../vectors/README.md.
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { gunzipSync } from "node:zlib"

/** The cases of `test/vectors/<name>.json.gz`. */
export function vectors<Case>(name: string): Case[] {
  const file = resolve(import.meta.dirname, `../vectors/${name}.json.gz`)
  return (JSON.parse(gunzipSync(readFileSync(file)).toString()) as { cases: Case[] }).cases
}
