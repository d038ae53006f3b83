// What each stage of a query does, in a few words, read from the query's plan as Spark's REST address tells it. Spark names
// all stages of a Connect query alike (by the request), and nothing says which operators run in which stage; but the plan's
// metrics name the stage where they were largest, and a plan is cut into stages at its exchanges. Pure.

import { wordsOf } from "./planWords.js"
import type { RestStage } from "./rest.js"

/** A node of `/sql/{id}?details=true`. */
export interface RestPlanNode {
  readonly nodeId: number
  readonly nodeName: string
  /** Of the generated code that it is part of, where it is. */
  readonly wholeStageCodegenId?: number
  readonly metrics: readonly { readonly name: string; readonly value: string }[]
  readonly desc?: string
}
export interface RestPlan {
  readonly nodes: readonly RestPlanNode[]
  /** From a node to the one that it feeds. */
  readonly edges: readonly { readonly fromId: number; readonly toId: number }[]
}

/** Nodes between two exchanges: they run together, in one stage, or again in another where Spark samples first. */
interface Part {
  readonly nodes: RestPlanNode[]
  readonly stages: Set<number>
  /** Parts that feed it through an exchange. */
  readonly inputs: Set<Part>
  /** It runs twice: first to sample its rows for the ranges of a sort. */
  sampled: boolean
}

type Begun = Pick<RestStage, "stageId" | "inputRecords">

/** Stage numbers to names; `stages` are those that the query has begun. A stage that cannot be told yet is missing. */
export function stageNames({ nodes, edges }: RestPlan, stages: readonly Begun[]): Map<number, string> {
  const parts = partsOf(nodes, edges)
  assignByMetrics(nodes, edges, parts)
  const distinct = [...new Set(parts.values())]
  assignByRows(distinct, stages)
  assignTheRest(distinct, stages)
  return new Map(distinct.flatMap(namesOf))
}

function namesOf(part: Part): [number, string][] {
  const words = wordsOf(part.nodes)
  const sample = part.sampled ? Math.min(...part.stages) : Number.NaN
  return [...part.stages].map(stage => [stage, stage === sample ? `${words} (sample)` : words])
}

function isExchange({ nodeName }: RestPlanNode): boolean {
  return nodeName.endsWith("Exchange")
}

function partsOf(nodes: RestPlan["nodes"], edges: RestPlan["edges"]): Map<number, Part> {
  const byId = new Map(nodes.map(node => [node.nodeId, node]))
  const parts = new Map<number, Part>()
  const feeds = new Map(edges.map(({ fromId, toId }) => [fromId, toId]))
  // Numbers grow away from the result, so the node that this one feeds has its part already.
  for (const node of nodes.toSorted((a, b) => a.nodeId - b.nodeId)) {
    if (isExchange(node) || isGenerated(node)) continue
    const next = byId.get(feeds.get(node.nodeId) ?? -1)
    const joined = next === undefined ? undefined : parts.get(next.nodeId)
    const part = joined ?? { nodes: [], stages: new Set(), inputs: new Set(), sampled: false }
    part.nodes.push(node)
    parts.set(node.nodeId, part)
  }
  for (const node of nodes.filter(isExchange)) link(node, edges, parts)
  return parts
}

function link({ nodeId, desc }: RestPlanNode, edges: RestPlan["edges"], parts: Map<number, Part>): void {
  const { below, above } = around(nodeId, edges, parts)
  if (below === undefined) return
  above?.inputs.add(below)
  below.sampled ||= /rangepartitioning/.test(desc ?? "")
}

function around(exchange: number, edges: RestPlan["edges"], parts: ReadonlyMap<number, Part>) {
  const below = edges.find(({ toId }) => toId === exchange)?.fromId
  const above = edges.find(({ fromId }) => fromId === exchange)?.toId
  return { below: parts.get(below ?? -1), above: parts.get(above ?? -1) }
}

/** `WholeStageCodegen (3)` is no step of its own: it has the time of the nodes whose number it bears. */
function isGenerated({ nodeName }: RestPlanNode): boolean {
  return nodeName.startsWith("WholeStageCodegen")
}

function assignByMetrics(nodes: RestPlan["nodes"], edges: RestPlan["edges"], parts: Map<number, Part>): void {
  for (const node of nodes) {
    if (isExchange(node)) {
      const { below, above } = around(node.nodeId, edges, parts)
      for (const { name, value } of node.metrics) {
        const part = isReading(name) ? above : isWriting(name) ? below : undefined
        for (const stage of stagesIn(value)) part?.stages.add(stage)
      }
      continue
    }
    const part = isGenerated(node) ? generatedPart(node, parts) : parts.get(node.nodeId)
    for (const { value } of node.metrics) for (const stage of stagesIn(value)) part?.stages.add(stage)
  }
}

function generatedPart({ nodeName }: RestPlanNode, parts: ReadonlyMap<number, Part>): Part | undefined {
  const number = Number(/\((\d+)\)/.exec(nodeName)?.[1])
  return [...parts.values()].find(part => part.nodes.some(node => node.wholeStageCodegenId === number))
}

function isWriting(metric: string): boolean {
  return metric === "data size" || metric.startsWith("shuffle ")
}
function isReading(metric: string): boolean {
  return metric === "fetch wait time" || / read$/.test(metric)
}

/** `12 ms (0 ms, 1 ms, 9 ms (stage 4.0: task 7))`: only where more than one task told. */
function stagesIn(value: string): number[] {
  return [...value.matchAll(/\(stage (\d+)\.\d+: task/g)].map(([, stage]) => Number(stage))
}

/** A stage of one task leaves no trace in the metrics, but what it read does. Parts that read as many must be alike. */
function assignByRows(parts: readonly Part[], stages: readonly Begun[]): void {
  const taken = takenBy(parts)
  const nameless = parts.filter(part => part.stages.size === 0 && rowsRead(part) > 0)
  for (const rows of new Set(nameless.map(rowsRead))) {
    const same = nameless.filter(part => rowsRead(part) === rows)
    const free = stages.filter(({ stageId, inputRecords }) => inputRecords === rows && !taken.has(stageId))
    if (new Set(same.map(part => wordsOf(part.nodes))).size === 1) dealOut(same, free)
  }
}

/** What the node farthest from the result gave. */
function rowsRead({ nodes }: Part): number {
  const text = nodes.at(-1)?.metrics.find(({ name }) => name === "number of output rows")?.value ?? ""
  return /^[\d,]+$/.test(text) ? Number(text.replaceAll(",", "")) : 0
}

function takenBy(parts: readonly Part[]): Set<number> {
  return new Set(parts.flatMap(part => [...part.stages]))
}

/** The rest is known where only one stage can be it, or when as many are left as can be. */
function assignTheRest(parts: readonly Part[], stages: readonly Begun[]): void {
  const free = () => stages.filter(({ stageId }) => !takenBy(parts).has(stageId))
  // Parts near the result come first in the list; inputs have to be known before what they feed.
  const inOrder = parts.toReversed()
  for (const part of inOrder) {
    if (part.stages.size > 0) continue
    const inputs = [...part.inputs]
    if (inputs.some(input => input.stages.size < runsOf(input))) continue
    const after = Math.max(-1, ...inputs.flatMap(input => [...input.stages]))
    const later = free().filter(({ stageId }) => stageId > after)
    if (later.length === 1) part.stages.add(later[0]!.stageId)
  }
  const nameless = inOrder.filter(part => part.stages.size === 0)
  const left = free()
  if (left.length === nameless.reduce((sum, part) => sum + runsOf(part), 0)) dealOut(nameless, left)
}

function dealOut(parts: readonly Part[], stages: readonly Begun[]): void {
  const left = stages.map(({ stageId }) => stageId).sort((a, b) => a - b)
  for (const part of parts) for (const stage of left.splice(0, runsOf(part))) part.stages.add(stage)
}

/** Stages that a part runs in. */
function runsOf({ sampled }: Part): number {
  return sampled ? 2 : 1
}
