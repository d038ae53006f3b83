// How a DataFrame travels to a pool worker: as its plan, which runs there on the worker's own engine.

import { DataFrame } from "../frame/DataFrame.js"
import { type Plan, planFromJson } from "../frame/nodes/plan.js"
import { frameOf, localEngine } from "./dataframes.js"

export function matches(value: unknown): boolean {
  return value instanceof DataFrame
}

/** @throws OTHER_ENGINE for a frame of a cluster: there its rows are reached by `mapBatches`. */
export function pack(frame: DataFrame): unknown {
  return JSON.parse(JSON.stringify(DataFrame.planOn(localEngine, frame, "pool.map")))
}

export function unpack(plan: unknown): DataFrame {
  return frameOf(planFromJson(plan as Plan))
}
