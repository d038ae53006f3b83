// The curve of a learning rate range test, what it suggests, and its picture. Pure: the training is lrFind.ts.

import { displaySymbol, type MimeBundle } from "../../display.js"
import { short } from "../TrainRun.js"

export interface LossPoint {
  readonly rate: number
  readonly loss: number
  /** The loss over the last steps, exponentially weighted and corrected for the start. */
  readonly smooth: number
}

/** Share of the past that stays in the smoothed loss. */
const beta = 0.9

export function smoothed(points: readonly { readonly loss: number }[]): number[] {
  let average = 0
  return points.map(({ loss }, i) => {
    average = beta * average + (1 - beta) * loss
    return average / (1 - beta ** (i + 1))
  })
}

export class LrCurve {
  /** Where the loss falls fastest: the rate to train with. Undefined when it never falls. */
  readonly suggestion: number | undefined
  /** Where the loss is lowest: already too fast to start with. */
  readonly lowest: number | undefined

  constructor(readonly points: readonly LossPoint[]) {
    const bottom = indexOfLeast(points.map(({ smooth }) => smooth))
    this.lowest = points[bottom]?.rate
    // From the lowest on, the loss only grows.
    const slopes = points.slice(0, bottom + 1).map((_, i) => slopeAt(points.slice(0, bottom + 1), i))
    const steepest = indexOfLeast(slopes)
    this.suggestion = slopes[steepest]! < 0 ? points[steepest]!.rate : undefined
  }

  [displaySymbol](): MimeBundle {
    const { points, suggestion } = this
    const said =
      suggestion === undefined
        ? "The loss never fell: look at the data and the loss, or begin with smaller rates."
        : `Suggested learning rate: ${short(suggestion)} (the loss is lowest at ${short(this.lowest!)}).`
    const text = `${said} ${points.length} steps, rates ${short(points[0]!.rate)} to ${short(points.at(-1)!.rate)}.`
    return { "application/vnd.vegalite.v5+json": this.#spec(said), "text/plain": text }
  }

  #spec(title: string): Record<string, unknown> {
    const ink = "#7a7a7a"
    const x = { field: "rate", type: "quantitative", scale: { type: "log" }, title: "learning rate" }
    const y = (field: string) => ({ field, type: "quantitative", scale: { zero: false }, title: "loss" })
    const mark =
      this.suggestion === undefined
        ? []
        : [
            {
              mark: { type: "rule", color: ink, strokeDash: [4, 3] },
              encoding: { x: { datum: this.suggestion } },
            },
          ]
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      title: { text: title, anchor: "start", color: ink, fontSize: 12, fontWeight: "normal" },
      background: "transparent",
      width: 480,
      height: 220,
      data: { values: this.points },
      layer: [
        { mark: { type: "line", color: ink, opacity: 0.4 }, encoding: { x, y: y("loss") } },
        { mark: { type: "line", color: "#4c8fd6" }, encoding: { x, y: y("smooth") } },
        ...mark,
      ],
      config: {
        view: { stroke: null },
        axis: { labelColor: ink, titleColor: ink, gridColor: "rgba(128, 128, 128, 0.25)", domainColor: ink },
      },
    }
  }
}

/**
 * Loss a step at a place, by least squares over the steps around it: batches differ, so neighbours alone would only find the
 * noisiest place. Steps are evenly spaced in the logarithm of the rate.
 */
function slopeAt(points: readonly LossPoint[], i: number): number {
  const reach = Math.max(3, Math.round(points.length / 8))
  // Where the window does not fit whole there is no telling.
  if (i < reach || i + reach >= points.length) return 0
  let [sum, weight] = [0, 0]
  for (let off = -reach; off <= reach; off++) {
    sum += off * points[i + off]!.loss
    weight += off * off
  }
  return sum / weight
}

function indexOfLeast(values: readonly number[]): number {
  let least = 0
  for (const [i, value] of values.entries()) if (value < values[least]!) least = i
  return least
}
