// The parts of the client that need no server: when to try again, what a failure means, pieces of a batch, Arrow, notes.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { ChunkJoiner } from "../../../kernel/src/engine/spark/chunks.js"
import { explainFailure } from "../../../kernel/src/engine/spark/explainFailure.js"
import { type FailureDetail, ServerFailure } from "../../../kernel/src/engine/spark/failure.js"
import { isAlive, OperationLog, readRecords } from "../../../kernel/src/engine/spark/operationLog.js"
import { retryDelay, retryPolicies } from "../../../kernel/src/engine/spark/retry.js"
import { decimalWords } from "../../../kernel/src/frame/arrow/decimal.js"
import { decodeBatches } from "../../../kernel/src/frame/arrow/decode.js"
import { encodeStream } from "../../../kernel/src/frame/arrow/encode.js"
import { localBatch } from "../../../kernel/src/frame/localBatch.js"
import { localRows } from "../../../kernel/src/frame/localRows.js"
import { rowsOf } from "../../../kernel/src/frame/values.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-notes-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const failure = (status: string, text = "", detail: FailureDetail = {}) =>
  new ServerFailure(status, text, detail)

describe("retries", () => {
  test("every phase has a row, and every row ends", () => {
    for (const phase of ["connect", "call", "operation"] as const) {
      const { tries } = retryPolicies.find(row => row.phase === phase)!
      expect(retryDelay(phase, failure("UNAVAILABLE"), tries)).toBeUndefined()
      expect(retryDelay(phase, failure("UNAVAILABLE"), tries - 1)).toBeGreaterThan(0)
      expect(retryDelay(phase, failure("INTERNAL"), 1)).toBeUndefined()
    }
  })
  test("delays grow to a limit, jitter comes late, and a server's wish counts", () => {
    const delays = [1, 2, 3, 9].map(tried => retryDelay("operation", failure("UNAVAILABLE"), tried, () => 1))
    expect(delays).toEqual([50, 150, 450, 5_500])
    expect(retryDelay("call", failure("UNAVAILABLE", "", { retryDelayMs: 900 }), 1)).toBe(900)
    expect(retryDelay("call", failure("RESOURCE_EXHAUSTED", "", { retryDelayMs: 70 }), 1)).toBe(70)
    const cursor = failure("INTERNAL", "[INVALID_CURSOR.DISCONNECTED] x")
    expect(retryDelay("operation", cursor, 1)).toBe(50)
  })
  test("a wrong address is said within seconds", () => {
    const waits = [1, 2, 3, 4].map(tried => retryDelay("connect", failure("UNAVAILABLE"), tried) ?? 0)
    expect(waits.reduce((a, b) => a + b)).toBeLessThan(5_000)
  })
})

describe("failures", () => {
  const server = "sc://127.0.0.1:15002"
  test("a wrong column names the nearest", () => {
    const error = explainFailure(
      server,
      failure("INTERNAL", "[UNRESOLVED_COLUMN.WITH_SUGGESTION] ...", {
        errorClass: "UNRESOLVED_COLUMN.WITH_SUGGESTION",
        sqlState: "42703",
        parameters: { objectName: "`dealy`", proposal: "`delay`, `origin`" },
      }),
    )
    expect(error).toMatchObject({ code: "UNKNOWN_COLUMN", details: { sqlState: "42703" } })
    expect(error.message).toContain("no column `dealy`. Did you mean `delay`? Columns: delay, origin.")
  })
  test("class, SQLSTATE and our fix stay; Spark's advice and plan go", () => {
    const text = `[DIVIDE_BY_ZERO] Division by zero. Use \`try_divide\` to tolerate divisor being 0 and return NULL instead. If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error. SQLSTATE: 22012\n== SQL ==\nselect 1/0`
    const error = explainFailure(server, failure("INTERNAL", text))
    expect(error.details).toMatchObject({ errorClass: "DIVIDE_BY_ZERO", sqlState: "22012" })
    expect(error.message).toMatch(/\[DIVIDE_BY_ZERO, SQLSTATE 22012\] Filter the zeros out/)
    expect(error.message).not.toMatch(/ansi|== SQL/)
  })
  test.each([
    [
      failure("UNAVAILABLE", "connect ECONNREFUSED 127.0.0.1:1"),
      "CLUSTER_UNREACHABLE",
      /nothing listens there.*connect\("spark"\)/,
    ],
    [failure("UNAUTHENTICATED", "no"), "CLUSTER_REFUSED", /token/],
    [
      failure("INTERNAL", "[INVALID_HANDLE.SESSION_CHANGED] x"),
      "SESSION_LOST",
      /it was restarted.*temporary views/,
    ],
    [failure("INTERNAL", "[INVALID_HANDLE.OPERATION_NOT_FOUND] x"), "OPERATION_LOST", /Run the cell again/],
    [
      failure("INTERNAL", "invalid argument: operation not found: 9"),
      "OPERATION_LOST",
      /no longer knows this query/,
    ],
    [failure("CANCELLED", "[OPERATION_CANCELED] x"), "QUERY_CANCELLED", /interrupted/],
    [
      failure("INTERNAL", 'attribute ObjectName([Identifier("nope")]) is missing'),
      "UNKNOWN_COLUMN",
      /`nope`/,
    ],
  ])("%s", (given, code, message) => {
    const error = explainFailure(server, given)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })
})

describe("pieces of a batch", () => {
  const piece = (text: string, chunkIndex: bigint, numChunksInBatch: bigint) => ({
    data: Buffer.from(text),
    chunkIndex,
    numChunksInBatch,
  })
  test("come together in order; a missing one is an error", () => {
    const joiner = new ChunkJoiner()
    expect(joiner.add({ data: Buffer.from("whole") })).toEqual(Buffer.from("whole"))
    expect(joiner.add(piece("a", 0n, 2n))).toBeUndefined()
    expect(joiner.add(piece("b", 1n, 2n))).toEqual(Buffer.from("ab"))
    joiner.add(piece("a", 0n, 3n))
    expect(() => joiner.add(piece("c", 2n, 3n))).toThrow(expect.objectContaining({ code: "OPERATION_CUT" }))
  })
})

describe("Arrow", () => {
  test("rows come back as they went, through an unaligned buffer", () => {
    const rows = [
      { i: 1n, f: 0.5, s: "é😀", b: true, t: new Date(1234), y: new Uint8Array([1, 2]), n: null },
      { i: -(2n ** 63n), f: Number.NaN, s: "", b: false, t: new Date(-1), y: new Uint8Array(), n: 3 },
      { i: null, f: null, s: null, b: null, t: null, y: null, n: null },
    ]
    const kinds = {
      i: "int64",
      f: "float64",
      s: "utf8",
      b: "boolean",
      t: "timestamp",
      y: "binary",
      n: "int16",
    } as const
    const node = localRows(rows as never, kinds)
    const bytes = encodeStream(localBatch(node), node.fields)
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    const batches = decodeBatches(shifted.subarray(3), node.fields)
    expect(batches.flatMap(batch => rowsOf(batch, node.schema, {}))).toEqual(rows)
    expect(batches[0]!.columns.i).toBeInstanceOf(BigInt64Array)
    expect(batches[0]!.columns.n).toBeInstanceOf(Int16Array)
  })
  test("decimals are exact to the last digit", () => {
    const big = "99999999999999999999999999999999999.999"
    for (const [text, words] of [
      ["1.50", [150, 0, 0, 0]],
      ["-0.01", [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]],
    ] as const) {
      expect([...decimalWords(text, 2)]).toEqual(words)
    }
    expect(decimalWords(big, 3)).toHaveLength(4)
  })
})

describe("notes of running operations", () => {
  const session = { server: "sc://h:1", userId: "u", sessionId: "s1" }
  test("are there while it runs, with the last response, and gone after", async () => {
    const log = new OperationLog(() => session, folder)
    log.started({ operationId: "o1", what: "write parquet x" })
    log.seen("o1", "r7")
    log.started({ operationId: "o2", what: "query" })
    expect(readRecords(folder)).toMatchObject([
      {
        ...session,
        pid: process.pid,
        operations: [{ operationId: "o1", lastResponseId: "r7" }, { operationId: "o2" }],
      },
    ])
    expect(isAlive(readRecords(folder)[0]!)).toBe(true)
    log.ended("o1")
    log.ended("o2")
    expect(readdirSync(folder)).toEqual([])
  })
  test("a broken file and a missing folder are no error", () => {
    writeFileSync(join(folder, "x.json"), "{")
    expect(readRecords(folder)).toEqual([])
    expect(readRecords(join(folder, "none"))).toEqual([])
  })
})
