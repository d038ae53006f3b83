// What a server's failure means to the user: one row an error class of Spark, with the fix in our terms. Servers that send
// no class (Sail) are told by their text. Not the retrying and not the reading of trailers.

import { didYouMean, type ErrorCode, fail, type ShardlabError } from "../../errors.js"
import { functionFailure } from "../udf/failure.js"
import { isLoopback, parseAddress } from "./address.js"
import type { ServerFailure } from "./failure.js"
import type { FetchErrorDetailsResponse } from "./gen/spark/connect/base_pb.js"

type Values = Readonly<Record<string, unknown>>
interface Row {
  /** The start of an error class, a gRPC status, or a pattern of the text. */
  readonly on: string | RegExp
  readonly code: ErrorCode
  readonly values?: (failure: ServerFailure) => Values
}

/** The first row that fits decides. */
const rows: readonly Row[] = [
  { on: "OPERATION_CANCELED", code: "QUERY_CANCELLED" },
  { on: "INVALID_HANDLE.SESSION", code: "SESSION_LOST", values: lossOf },
  { on: "INVALID_HANDLE.OPERATION", code: "OPERATION_LOST" },
  { on: /operation not found/, code: "OPERATION_LOST" },
  // Sail 0.7 forgets an operation whose stream broke while it was sending.
  { on: /task context not found for operation/, code: "OPERATION_LOST" },
  { on: "INVALID_CURSOR", code: "OPERATION_LOST" },
  { on: "UNRESOLVED_COLUMN", code: "UNKNOWN_COLUMN", values: columnOf },
  { on: /^attribute ObjectName\(/, code: "UNKNOWN_COLUMN", values: sailColumnOf },
  { on: "UNAUTHENTICATED", code: "CLUSTER_REFUSED", values: () => ({ problem: "it wants another token" }) },
  { on: "PERMISSION_DENIED", code: "CLUSTER_REFUSED", values: ({ text }) => ({ problem: text }) },
]

/** How to mend what a class of Spark's says, in our words. The longest start wins. */
const fixes: Readonly<Record<string, string>> = {
  DIVIDE_BY_ZERO: "Filter the zeros out, or divide by when(...).",
  CAST_INVALID_INPUT: "Mend the values, or cast with `tryCast`, which gives NULL for them.",
  CAST_OVERFLOW: "Cast to a wider type.",
  ARITHMETIC_OVERFLOW: "Cast to a wider type before you compute.",
  NUMERIC_VALUE_OUT_OF_RANGE: "Cast to a wider type.",
  TABLE_OR_VIEW_NOT_FOUND: "Check the name; temporary views live as long as the session.",
  PATH_NOT_FOUND: "The path is looked up on the cluster's machines, not on this one.",
  UNABLE_TO_INFER_SCHEMA: "The folder holds no file of that format.",
  PATH_ALREADY_EXISTS: 'Write with { mode: "overwrite" } to replace it.',
  PARSE_SYNTAX_ERROR: "Mend the SQL at that place.",
  UNRESOLVED_ROUTINE: "The server has no function of that name.",
  FAILED_READ_FILE: "The file changed or is damaged: read it again with `read`, or mend it.",
  CONNECT: "The server does not accept this plan: its version may be older than Spark 4.",
}

export function explainFailure(
  server: string,
  failure: ServerFailure,
  details?: FetchErrorDetailsResponse,
): ShardlabError {
  const ofFunction = functionFailure([failure.text, ...messagesOf(details)].join("\n"))
  if (ofFunction !== undefined) return ofFunction
  const { errorClass = "", sqlState = "" } = failure
  const row = rows.find(({ on }) => matches(on, failure))
  const shared = { server, errorClass, sqlState, queryContexts: contextsOf(details) }
  if (row !== undefined) return fail(row.code, { ...shared, ...row.values?.(failure) }, failure)
  if (failure.status === "UNAVAILABLE" || failure.status === "DEADLINE_EXCEEDED") {
    return fail("CLUSTER_UNREACHABLE", { ...shared, ...unreachable(server, failure) }, failure)
  }
  const label = errorClass === "" ? "" : ` [${errorClass}${sqlState === "" ? "" : `, SQLSTATE ${sqlState}`}]`
  const values = { ...shared, problem: problemOf(failure, details), label, fix: fixOf(errorClass) }
  return fail("CLUSTER_FAILED", values, failure)
}

function messagesOf(details: FetchErrorDetailsResponse | undefined): readonly string[] {
  return details?.errors.map(error => error.message) ?? []
}

function matches(on: string | RegExp, failure: ServerFailure): boolean {
  if (on instanceof RegExp) return on.test(failure.text)
  return failure.status === on || (failure.errorClass ?? "").startsWith(on)
}

/** The sentence of the innermost cause, without Spark's class, SQLSTATE, plan and advice that is not for us. */
function problemOf(failure: ServerFailure, details: FetchErrorDetailsResponse | undefined): string {
  const cause = details?.errors.at(-1)
  const root = details?.errors[details.rootErrorIdx ?? 0]
  const text = root?.message || failure.text
  const first = sentence(text)
  const last = cause === undefined || cause === root ? "" : sentence(cause.message)
  return last === "" || first.includes(last) ? first : `${first} Cause: ${last}`
}

function sentence(text: string): string {
  return text
    .split(/\n|SQLSTATE: /)[0]!
    .replace(/^\[[A-Z0-9_.]+\]\s*/, "")
    .replace(/ If necessary,? set "?spark\..*$/s, "")
    .trim()
}

function fixOf(errorClass: string): string {
  const key = Object.keys(fixes)
    .filter(start => errorClass.startsWith(start))
    .sort((a, b) => b.length - a.length)[0]
  return key === undefined ? "" : fixes[key]!
}

/** Where in the query it happened, as the server tells it: a fragment of SQL or the call. */
function contextsOf(details: FetchErrorDetailsResponse | undefined): readonly Values[] {
  const contexts = details?.errors.flatMap(error => error.sparkThrowable?.queryContexts ?? []) ?? []
  return contexts.map(({ fragment, callSite, startIndex, stopIndex }) => ({
    fragment,
    callSite,
    startIndex,
    stopIndex,
  }))
}

function lossOf({ errorClass }: ServerFailure): Values {
  const causes: Readonly<Record<string, string>> = {
    "INVALID_HANDLE.SESSION_CHANGED": "it was restarted",
    "INVALID_HANDLE.SESSION_CLOSED": "the session was closed",
  }
  return { cause: causes[errorClass ?? ""] ?? "it was restarted or waited too long" }
}

function columnOf({ detail }: ServerFailure): Values {
  const { objectName = "", proposal = "" } = detail.parameters ?? {}
  const columns = [...proposal.matchAll(/`([^`]+)`(?=,|$)/g)].map(match => match[1]!)
  const name = objectName.replaceAll("`", "")
  return { operation: "spark", name, nearest: didYouMean(name, columns), columns: columns.join(", ") }
}

function sailColumnOf({ text }: ServerFailure): Values {
  const name = [...text.matchAll(/Identifier\("([^"]*)"\)/g)].map(match => match[1]).join(".")
  return { operation: "spark", name, nearest: "", columns: "see `schema`" }
}

function unreachable(server: string, { text }: ServerFailure): Values {
  const refused = /ECONNREFUSED/.test(text)
  const local = isLoopback(parseAddress(server).host)
  const problem = refused ? "nothing listens there" : text.replace(/\.$/, "")
  const fix = local
    ? 'Start a cluster with connect("spark") or connect("sail"), or check the port.'
    : "Check the address and the port, and whether the network lets you through."
  return { problem, fix }
}
