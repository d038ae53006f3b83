// Learning rates over a training: the rate of each step as a pure function of where it stands, so that a run that goes on
// from a checkpoint has the same rates. Not the optimizers: whoever trains sets their `learningRate` before each step.

import { fail } from "../errors.js"

/** Where a step stands. */
export interface RatePlace {
  /** From 0. */
  readonly step: number
  /** Of the whole training, when known. */
  readonly steps: number
  /** Epochs that are over. */
  readonly epoch: number
  /** Logs of the epochs that are over. */
  readonly history: Readonly<Record<string, readonly number[]>>
  /** The optimizer's own rate. */
  readonly base: number
}

interface Warm {
  /** Steps over which the rate grows from nearly nothing; default 0. */
  readonly warmup?: number
}
export type Schedule =
  /** Half a cosine from the optimizer's rate down to `floor` of it (default 0) at the last step (Loshchilov and Hutter 2017). */
  | ({ readonly type: "cosine"; readonly floor?: number } & Warm)
  /** Times `factor` (default 0.1) after each `epochs` epochs. */
  | ({ readonly type: "step"; readonly epochs: number; readonly factor?: number } & Warm)
  /** Times `factor` (default 0.1) whenever `monitor` has not improved for `patience` (default 2) epochs. */
  | ({
      readonly type: "plateau"
      readonly monitor?: string
      readonly patience?: number
      readonly factor?: number
    } & Warm)
  /** The rate of a step, from 0. */
  | ((step: number, place: RatePlace) => number)

const optionsOf: Readonly<Record<string, readonly string[]>> = {
  cosine: ["type", "floor", "warmup"],
  step: ["type", "epochs", "factor", "warmup"],
  plateau: ["type", "monitor", "patience", "factor", "warmup"],
}

/** What `checkOptions` is to look for; the schedule's type must be one that there is. */
export function scheduleOptions(
  schedule: Exclude<Schedule, (...args: never[]) => number>,
): readonly string[] {
  const known = optionsOf[schedule.type]
  if (known !== undefined) return known
  const fix = `Give one of ${Object.keys(optionsOf).join(", ")}, or a function of the step.`
  throw fail("BAD_VALUE", { where: "train", name: "schedule.type", value: `\`${schedule.type}\``, fix })
}

/** @throws BAD_VALUE when a function gives no usable number, or the monitored log does not exist. */
export function rateAt(schedule: Schedule, place: RatePlace): number {
  if (typeof schedule === "function") return checked(schedule(place.step, place), place.step)
  const { warmup = 0 } = schedule
  if (place.step < warmup) return (place.base * (place.step + 1)) / (warmup + 1)
  switch (schedule.type) {
    case "cosine": {
      const { floor = 0 } = schedule
      const share = (place.step - warmup) / Math.max(place.steps - warmup, 1)
      return place.base * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(share, 1))))
    }
    case "step":
      return place.base * (schedule.factor ?? 0.1) ** Math.floor(place.epoch / schedule.epochs)
    case "plateau":
      return place.base * (schedule.factor ?? 0.1) ** plateaus(schedule, place)
    default:
      return schedule satisfies never
  }
}

function checked(rate: number, step: number): number {
  if (Number.isFinite(rate)) return rate
  const fix = "It must give a number for every step."
  throw fail("BAD_VALUE", { where: "train", name: "schedule", value: `${rate} at step ${step}`, fix })
}

/** How often the log stood still for `patience` epochs in a row. */
function plateaus(
  { monitor, patience = 2 }: { monitor?: string; patience?: number },
  { history, epoch }: RatePlace,
) {
  if (epoch === 0) return 0
  const name = monitor ?? (history.val_loss === undefined ? "loss" : "val_loss")
  const values = history[name]
  if (values === undefined) {
    const fix = `Known here: ${Object.keys(history).join(", ")}.`
    throw fail("BAD_VALUE", { where: "train", name: "schedule.monitor", value: name, fix })
  }
  const sign = /acc/i.test(name) ? -1 : 1
  let [best, since, count] = [Number.POSITIVE_INFINITY, 0, 0]
  for (const value of values) {
    if (sign * value < best) [best, since] = [sign * value, 0]
    else if (++since === patience) [since, count] = [0, count + 1]
  }
  return count
}
