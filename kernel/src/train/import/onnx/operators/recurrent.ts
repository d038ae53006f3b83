// Recurrent layers: RNN, GRU and LSTM, one direction or both. Their steps are unrolled; what they compute of the inputs alone
// is one product for all steps. ONNX keeps gates one after the other along the rows of the weights.

import type { Call, Operator, Tensor, Tf } from "../Operator.js"

type Activation = (x: Tensor) => Tensor

/** What a step hands to the next one; the first is the output. */
type State = readonly Tensor[]

interface Cell {
  readonly gates: number
  readonly states: number
  readonly activations: readonly string[]
  /** `input`: all that the step's input gives, `[rows, gates * hidden]`, biases of it included. */
  step(run: Direction, input: Tensor, state: State): State
}

/** One direction's weights, as the products take them. */
interface Direction {
  readonly call: Call
  readonly tf: Tf
  readonly hidden: number
  /** `[hidden, gates * hidden]` */
  readonly recurrent: Tensor
  readonly bias: Tensor | undefined
  readonly peephole: Tensor | undefined
  readonly activations: readonly Activation[]
}

function activationOf(call: Call, name: string, at: number, clip: number | undefined): Activation {
  const { tf } = call
  const setting = (kind: "activation_alpha" | "activation_beta", otherwise: number) =>
    call.list(kind)?.[at] ?? otherwise
  const alpha = (otherwise: number) => setting("activation_alpha", otherwise)
  const beta = (otherwise: number) => setting("activation_beta", otherwise)
  const known: Readonly<Record<string, Activation>> = {
    relu: x => tf.relu(x),
    tanh: x => tf.tanh(x),
    sigmoid: x => tf.sigmoid(x),
    softsign: x => tf.div(x, tf.add(tf.abs(x), 1)),
    softplus: x => tf.softplus(x),
    affine: x => tf.add(tf.mul(x, alpha(1)), beta(0)),
    leakyrelu: x => tf.leakyRelu(x, alpha(0.01)),
    thresholdedrelu: x => tf.mul(x, tf.cast(tf.greater(x, alpha(1)), "float32")),
    scaledtanh: x => tf.mul(tf.tanh(tf.mul(x, beta(1))), alpha(1)),
    hardsigmoid: x => tf.clipByValue(tf.add(tf.mul(x, alpha(0.2)), beta(0.5)), 0, 1),
    elu: x => tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), alpha(1))),
  }
  const found = known[name.toLowerCase()]
  if (found === undefined)
    throw new TypeError(`its activation is ${name}, and known are ${Object.keys(known).join(", ")}`)
  return clip === undefined ? found : x => found(tf.clipByValue(x, -clip, clip))
}

const lstm: Cell = {
  gates: 4,
  states: 2,
  activations: ["Sigmoid", "Tanh", "Tanh"],
  step({ call, tf, recurrent, peephole, activations }, input, [h, c]) {
    const [f, g, out] = activations as [Activation, Activation, Activation]
    const [i, o, forget, cell] = tf.split(tf.add(input, tf.matMul(h!, recurrent)), 4, 1) as Tensor[]
    const [pi, po, pf] = peephole === undefined ? [] : (tf.split(peephole, 3, 0) as Tensor[])
    const peep = (gate: Tensor, weight: Tensor | undefined, from: Tensor) =>
      weight === undefined ? gate : tf.add(gate, tf.mul(weight, from))
    const it = f(peep(i!, pi, c!))
    const ft = call.number("input_forget", 0) === 0 ? f(peep(forget!, pf, c!)) : tf.sub(1, it)
    const next = tf.add(tf.mul(ft, c!), tf.mul(it, g(cell!)))
    return [tf.mul(f(peep(o!, po, next)), out(next)), next]
  },
}

const gru: Cell = {
  gates: 3,
  states: 1,
  activations: ["Sigmoid", "Tanh"],
  step({ call, tf, hidden, recurrent, bias, activations }, input, [h]) {
    const [f, g] = activations as [Activation, Activation]
    const two = tf.slice(recurrent, [0, 0], [hidden, 2 * hidden])
    const third = tf.slice(recurrent, [0, 2 * hidden], [hidden, hidden])
    const [zr, n] = tf.split(input, [2 * hidden, hidden], 1) as [Tensor, Tensor]
    const both = biasedBy(tf, tf.matMul(h!, two), bias, 0, 2 * hidden)
    const [z, r] = tf.split(f(tf.add(zr, both)), 2, 1) as [Tensor, Tensor]
    const inner = (of: Tensor) => biasedBy(tf, tf.matMul(of, third), bias, 2 * hidden, hidden)
    const hiddenPart =
      call.number("linear_before_reset", 0) === 0 ? inner(tf.mul(r, h!)) : tf.mul(r, inner(h!))
    const candidate = g(tf.add(n, hiddenPart))
    return [tf.add(tf.mul(tf.sub(1, z), candidate), tf.mul(z, h!))]
  },
}

const rnn: Cell = {
  gates: 1,
  states: 1,
  activations: ["Tanh"],
  step: ({ tf, recurrent, activations }, input, [h]) => [
    activations[0]!(tf.add(input, tf.matMul(h!, recurrent))),
  ],
}

function biasedBy(tf: Tf, x: Tensor, bias: Tensor | undefined, from: number, count: number): Tensor {
  return bias === undefined ? x : tf.add(x, tf.slice(bias, [from], [count]))
}

/** `[directions, ...]` to one of them, without its axis. */
function part({ tf }: Call, x: Tensor | undefined, d: number): Tensor | undefined {
  if (x === undefined) return undefined
  const begin = x.shape.map((_, axis) => (axis === 0 ? d : 0))
  return tf.squeeze(tf.slice(x, begin, [1, ...x.shape.slice(1)]), [0])
}

function directionOf(call: Call, cell: Cell, d: number): { run: Direction; inputs: Tensor } {
  const { tf } = call
  const [w, r, b] = [1, 2, 3].map(i => part(call, call.optional(i), d)) as [
    Tensor,
    Tensor,
    Tensor | undefined,
  ]
  const hidden = r.shape.at(-1)!
  const rows = cell.gates * hidden
  const clip = call.has("clip") ? call.number("clip", 0) : undefined
  const names = (call.settings.activations as readonly string[] | undefined) ?? []
  const own = cell.activations.map((otherwise, i) => {
    const at = d * cell.activations.length + i
    // The cell's own output is not clipped.
    return activationOf(call, names[at] ?? otherwise, at, i < 2 ? clip : undefined)
  })
  const [ofInput, ofState] = b === undefined ? [] : (tf.split(b, 2, 0) as [Tensor, Tensor])
  // Where the reset gate is in between, the state's bias cannot go to the inputs.
  const apart = cell === gru
  const bias = ofInput === undefined || apart ? ofInput : tf.add(ofInput, ofState!)
  const x = stepsFirst(call)
  const [steps, batch, size] = x.shape as [number, number, number]
  const product = tf.matMul(tf.reshape(x, [steps * batch, size]), tf.transpose(w))
  const inputs = tf.reshape(bias === undefined ? product : tf.add(product, bias), [steps, batch, rows])
  const peephole = cell === lstm ? part(call, call.optional(7), d) : undefined
  const run = {
    call,
    tf,
    hidden,
    recurrent: tf.transpose(r),
    bias: apart ? ofState : undefined,
    peephole,
    activations: own,
  }
  return { run, inputs }
}

const batchFirst = (call: Call) => call.number("layout", 0) === 1
const stepsFirst = (call: Call) => (batchFirst(call) ? call.tf.transpose(call.x, [1, 0, 2]) : call.x)

/** Of one direction: the output of each step, in order, and the last state. */
function unrolled(call: Call, cell: Cell, d: number, backwards: boolean): { steps: Tensor[]; last: State } {
  const { tf } = call
  const { run, inputs } = directionOf(call, cell, d)
  const each = tf.unstack(inputs)
  const lengths = call.optional(4)
  const begin = (i: number): Tensor => {
    const given = call.optional(i)
    const own = given && (batchFirst(call) ? tf.transpose(given, [1, 0, 2]) : given)
    return part(call, own, d) ?? tf.zerosLike(tf.slice(each[0]!, [0, 0], [each[0]!.shape[0]!, run.hidden]))
  }
  let state: State = cell.states === 1 ? [begin(5)] : [begin(5), begin(6)]
  const outputs = new Array<Tensor>(each.length)
  for (let i = 0; i < each.length; i++) {
    const at = backwards ? each.length - 1 - i : i
    const next = cell.step(run, each[at]!, state)
    if (lengths === undefined) {
      state = next
      outputs[at] = next[0]!
      continue
    }
    // A row that is over keeps its state, and shows zeros.
    const going = tf.expandDims(tf.cast(tf.greater(lengths, tf.scalar(at, "int32")), "float32"), 1)
    const over = tf.sub(1, going)
    state = next.map((now, s) => tf.add(tf.mul(now, going), tf.mul(state[s]!, over)))
    outputs[at] = tf.mul(next[0]!, going)
  }
  return { steps: outputs, last: state }
}

function recurrent(cell: Cell): Operator {
  return {
    order: "file",
    run: call => {
      const { tf } = call
      const direction = call.text("direction", "forward")
      const ways = direction === "bidirectional" ? [false, true] : [direction === "reverse"]
      const runs = ways.map((backwards, d) => unrolled(call, cell, d, backwards))
      // [steps, directions, batch, hidden]
      const all = tf.stack(runs[0]!.steps.map((_, i) => tf.stack(runs.map(({ steps }) => steps[i]!))))
      const last = Array.from({ length: cell.states }, (_, s) => tf.stack(runs.map(run => run.last[s]!)))
      if (!batchFirst(call)) return [all, ...last].slice(0, Math.max(1, call.outputs))
      const turned = [tf.transpose(all, [2, 0, 1, 3]), ...last.map(one => tf.transpose(one, [1, 0, 2]))]
      return turned.slice(0, Math.max(1, call.outputs))
    },
  }
}

export const recurrence: Readonly<Record<string, Operator>> = {
  LSTM: recurrent(lstm),
  GRU: recurrent(gru),
  RNN: recurrent(rnn),
}
