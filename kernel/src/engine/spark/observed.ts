// Numbers that a query counted on the way (CollectMetrics), from its responses to whoever waits for them.

import { Observation } from "../../frame/Observation.js"
import type { ExecutePlanResponse } from "./gen/spark/connect/base_pb.js"
import type { Expression_Literal } from "./gen/spark/connect/expressions_pb.js"

export function deliverObserved({ observedMetrics }: ExecutePlanResponse): void {
  for (const { name, keys, values } of observedMetrics) {
    if (values.length === 0) continue
    Observation.deliver(name, Object.fromEntries(keys.map((key, i) => [key, valueOfLiteral(values[i])])))
  }
}

/** As `collect` gives it. */
export function valueOfLiteral(literal: Expression_Literal | undefined): unknown {
  const found = literal?.literalType
  if (found?.case === undefined) return null
  switch (found.case) {
    case "null":
      return null
    case "decimal":
      return found.value.value
    case "date":
      return new Date(found.value * 86_400_000)
    case "timestamp":
    case "timestampNtz":
      return new Date(Number(found.value / 1000n))
    case "array":
      return found.value.elements.map(valueOfLiteral)
    default:
      return found.value
  }
}
