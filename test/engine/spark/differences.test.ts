// The table in the docs is the one that the conformance suite proves.
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { differences } from "./differences.js"

test("differences.md has a line for each difference, and no other", () => {
  const text = readFileSync(
    new URL("../../../kernel/src/engine/spark/differences.md", import.meta.url),
    "utf8",
  )
  const wanted = Object.entries(differences).flatMap(([server, rows]) =>
    Object.entries(rows).map(([what, why]) => `| ${server} | ${what} | ${why} |`),
  )
  expect(text.split("\n").filter(line => /^\| (spark|sail) /.test(line))).toEqual(wanted)
})
