// The texts in sql/ and the generator together, against answers that the TPC-H specification prints for its validation
// database (scale factor 1): the first row of a query, or a figure of it.
import { expect, test } from "vitest"
import { queryText, rawTpch } from "./raw.mjs"

const answers: readonly (readonly [query: number, rows: number, first: readonly string[]])[] = [
  [1, 4, ["A", "F", "37734107.00", "56586554400.73", "53758257134.8700"]],
  [3, 10, ["2456423", "406181.0111", "1995-03-05", "0"]],
  [4, 5, ["1-URGENT", "10594"]],
  [5, 5, ["INDONESIA", "55502041.1697"]],
  [6, 1, ["123141078.2283"]],
  [7, 4, ["FRANCE", "GERMANY", "1995", "54639732.7336"]],
  [12, 2, ["MAIL", "6202", "9324"]],
  [13, 42, ["0", "50005"]],
  [19, 1, ["3083843.0578"]],
  [22, 7, ["13", "888", "6737713.99"]],
]

test("raw SQL on the generated data gives the specification's answers", async () => {
  const connection = await rawTpch(1)
  for (const [query, rows, first] of answers) {
    const found = (await connection.runAndReadAll(queryText(query, 1))).getRows()
    expect(found, `query ${query}`).toHaveLength(rows)
    expect(found[0]!.slice(0, first.length).map(String), `query ${query}`).toEqual(first)
  }
}, 300_000)
