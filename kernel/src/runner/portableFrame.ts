// How a DataFrame travels to a pool worker: as its plan, which runs there on the worker's own engine.

import { DataFrame } from "../frame/DataFrame.js"
import { type Plan, planFromJson } from "../frame/nodes/plan.js"
import { frameOf } from "./dataframes.js"

export function matches(value: unknown): boolean {
  return value instanceof DataFrame
}

export function pack(frame: DataFrame): unknown {
  return JSON.parse(JSON.stringify(frame.plan))
}

export function unpack(plan: unknown): DataFrame {
  return frameOf(planFromJson(plan as Plan))
}
