// What shape a model wants its rows in, checked against how many numbers the columns give.

import { fail } from "../../errors.js"
import { firstLayer } from "./labels.js"
import type { RowMaker } from "./RowMaker.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

/** A row's shape in the model, which must hold as many numbers as the features give. `where` is what the user called. */
export function inputShape(model: LayersModel, maker: RowMaker, where: string): number[] {
  const shape = model.inputs[0]!.shape.slice(1) as (number | null)[]
  const wanted = shape.reduce<number>((size, length) => size * (length ?? 1), 1)
  if (wanted !== maker.width)
    throw fail("SHAPE_MISMATCH", {
      where,
      layer: firstLayer(model),
      verb: "takes",
      expected: `[${shape.map(length => length ?? "any").join(", ")}]: ${wanted} numbers`,
      found: `the features give ${maker.width} numbers a row (${maker.names.join(", ")})`,
      fix: "Change `features`, or the model's inputShape.",
    })
  return shape.map(length => length ?? 1)
}
