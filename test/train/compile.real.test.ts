// `tf.compile` on the real plugin: a loop written by hand is replayed, equal bit for bit to the one that is not, sees what
// changes, and says why when it cannot.
import { beforeAll, describe, expect, test } from "vitest"
import { backendReport } from "../../kernel/src/train/backend.js"
import { activeXla } from "../../kernel/src/train/install.js"
import { mesh } from "../../kernel/src/train/parallel/Mesh.js"
import { tf as cellTf, type Tf } from "../../kernel/src/train/tf.js"
import { difference, xla } from "./onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Variable = import("@tensorflow/tfjs").Variable
type Scalar = import("@tensorflow/tfjs").Scalar
type Optimizer = import("@tensorflow/tfjs").Optimizer

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

const { compile } = cellTf
const valuesOf = (...tensors: Tensor[]) => tensors.map(tensor => Array.from(tensor.dataSync()))
const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed)

/** A small network written by hand. */
function network(make: () => Optimizer) {
  const w1 = tf.variable(normal([6, 8], 1), true)
  const w2 = tf.variable(normal([8, 3], 2), true)
  const optimizer = make()
  const loss = (x: Tensor, y: Tensor): Scalar => {
    const logits = tf.matMul(tf.relu(tf.matMul(x as never, w1 as never)), w2 as never)
    return tf.losses.softmaxCrossEntropy(y, logits).asScalar()
  }
  const plain = (x: Tensor, y: Tensor) => optimizer.minimize(() => loss(x, y), true, [w1, w2])!
  return { w1, w2, optimizer, loss, plain, weights: () => valuesOf(w1, w2) }
}

function batch(rows: number, seed: number): [Tensor, Tensor] {
  const classes = Int32Array.from({ length: rows }, (_, i) => (i * 5 + seed) % 3)
  const y = tf.oneHot(tf.tensor1d(classes, "int32"), 3).toFloat()
  // Computed now, so that it is the same kind of data each time.
  y.dataSync()
  return [normal([rows, 6], seed), y]
}

describe("a step that is replayed", () => {
  const optimizers: Record<string, () => Optimizer> = {
    adam: () => tf.train.adam(0.01),
    momentum: () => tf.train.momentum(0.05, 0.9),
    adamax: () => tf.train.adamax(0.01),
  }
  test.each(Object.keys(optimizers))("%s: equals the plain loop bit for bit, the rate changing", name => {
    const [ours, theirs] = [network(optimizers[name]!), network(optimizers[name]!)]
    const step = compile(ours.plain)
    const losses: number[][][] = [[], []]
    for (let i = 0; i < 8; i++) {
      const [x, y] = batch(16, 10 + i)
      const rate = 0.02 / (1 + i)
      for (const { optimizer } of [ours, theirs])
        (optimizer as unknown as { learningRate: number }).learningRate = rate
      losses[0]!.push(...valuesOf(step(x, y)))
      losses[1]!.push(...valuesOf(theirs.plain(x, y)))
    }
    expect(losses[0]).toEqual(losses[1])
    expect(ours.weights()).toEqual(theirs.weights())
    // Adamax's slots are made in another order than they are replaced: one program more.
    expect(step.counts.replayed).toBe(name === "adamax" ? 5 : 6)
    expect(step.why).toBeUndefined()
    expect(ours.optimizer.iterations).toBe(theirs.optimizer.iterations)
  })

  test("gives back what the function gave: lists, records, numbers, the variables themselves", () => {
    const { optimizer, loss, w1 } = network(() => tf.train.sgd(0.1))
    const step = compile(({ xs: [x], y }: { xs: Tensor[]; y: Tensor }, scale: number) => {
      const cost = optimizer.minimize(() => tf.mul(loss(x!, y), scale).asScalar(), true)!
      return { cost, parts: [cost.reshape([1, 1]), tf.equal(cost, 0)], scale, nothing: null, weights: w1 }
    })
    const [x, y] = batch(4, 1)
    const results = [1, 2, 3, 4].map(() => step({ xs: [x], y }, 2))
    expect(step.counts).toEqual({ recorded: 2, replayed: 2 })
    for (const { cost, parts, scale, nothing, weights } of results) {
      expect(parts.map(part => [part.shape, part.dtype])).toEqual([
        [[1, 1], "float32"],
        [[], "bool"],
      ])
      expect(valuesOf(parts[0]!)).toEqual(valuesOf(cost))
      expect([scale, nothing, weights]).toEqual([2, null, w1])
    }
    const [early, late] = [results[0]!.cost, results[3]!.cost].map(cost => cost.dataSync()[0]!)
    expect(late).toBeLessThan(early!)
  })

  test("leaves no tensor behind", () => {
    const { plain } = network(() => tf.train.adam(0.01))
    const step = compile(plain)
    const [x, y] = batch(16, 3)
    for (let i = 0; i < 3; i++) step(x, y).dispose()
    const { numTensors, numBytes } = tf.memory()
    for (let i = 0; i < 50; i++) step(x, y).dispose()
    expect(tf.memory()).toMatchObject({ numTensors, numBytes })
  })

  test("two optimizers in one step are one program, and both count their steps", () => {
    const [one, other] = [network(() => tf.train.adam(0.01)), network(() => tf.train.sgd(0.1))]
    const step = compile((x: Tensor, y: Tensor) => [one.plain(x, y), other.plain(x, y)])
    const [x, y] = batch(8, 4)
    const runs = () => backendReport().runs
    for (let i = 0; i < 2; i++) tf.dispose(step(x, y))
    const before = runs()
    for (let i = 0; i < 3; i++) tf.dispose(step(x, y))
    expect(runs() - before).toBe(3)
    expect([one.optimizer.iterations, other.optimizer.iterations]).toEqual([5, 5])
  })

  test("a function without an optimizer is captured as well", () => {
    const { w1 } = network(() => tf.train.sgd(0.1))
    const step = compile((x: Tensor) => tf.matMul(x as never, w1 as never).sum())
    const [x] = batch(4, 5)
    const sums = [1, 2, 3, 4].map(() => step(x).dataSync()[0])
    expect(new Set(sums).size).toBe(1)
    expect(step.counts).toEqual({ recorded: 2, replayed: 2 })
  })

  test("tensors that share memory with a variable keep theirs", () => {
    const { w1, plain } = network(() => tf.train.sgd(0.5))
    const step = compile(plain)
    const [x, y] = batch(8, 6)
    for (let i = 0; i < 3; i++) step(x, y)
    const clone = w1.clone()
    const given = normal([6, 8], 9)
    const before = valuesOf(clone, given)
    step(x, y)
    expect(valuesOf(clone)).toEqual([before[0]])
    w1.assign(given as never)
    step(x, y)
    expect(valuesOf(given)).toEqual([before[1]])
    expect(valuesOf(w1)).not.toEqual([before[1]])
    expect(step.counts).toEqual({ recorded: 2, replayed: 3 })
  })
})

describe("a step is recorded again", () => {
  /** A captured step, and what it computes after a change, beside the plain one. */
  function changed(change: (net: ReturnType<typeof network>) => void) {
    const [ours, theirs] = [
      network(() => tf.train.momentum(0.1, 0.9)),
      network(() => tf.train.momentum(0.1, 0.9)),
    ]
    const step = compile(ours.plain)
    const [x, y] = batch(8, 7)
    for (let i = 0; i < 3; i++) {
      step(x, y)
      theirs.plain(x, y)
    }
    change(ours)
    change(theirs)
    step(x, y)
    const { why } = step
    theirs.plain(x, y)
    expect(ours.weights()).toEqual(theirs.weights())
    return { why, counts: step.counts }
  }
  const set = (optimizer: Optimizer, name: string, value: number) =>
    Object.assign(optimizer, { [name]: value })

  test("when a setting of the optimizer changes", () => {
    const { why } = changed(({ optimizer }) => set(optimizer, "momentum", 0.5))
    expect(why).toContain("setting of its optimizer")
  })
  test("when the learning rate first changes", () => {
    const { why } = changed(({ optimizer }) => set(optimizer, "learningRate", 0.05))
    expect(why).toContain("learning rate")
  })
  test("when a variable is made", () => {
    const { why } = changed(() => tf.variable(tf.scalar(1)))
    expect(why).toContain("variables were made")
  })
  test("not when weights are set: those are data", () => {
    const { why, counts } = changed(({ w1 }) => w1.assign(tf.ones([6, 8])))
    expect([why, counts]).toEqual([undefined, { recorded: 2, replayed: 2 }])
  })

  test("for other shapes, types and plain values, each a step of its own that is kept", () => {
    const step = compile((x: Tensor, how: string) =>
      how === "sum" ? tf.sum(x) : tf.mean(tf.cast(x, "float32")),
    )
    const float = tf.tensor1d([1, 2, 6])
    const calls: [Tensor, string, number][] = [
      [float, "sum", 9],
      [float, "mean", 3],
      [tf.tensor1d([2, 2]), "sum", 4],
      [tf.tensor1d([1, 2, 9], "int32"), "mean", 4],
    ]
    for (let round = 0; round < 3; round++)
      for (const [x, how, result] of calls) expect(step(x, how).dataSync()[0]).toBe(result)
    expect(step.counts).toEqual({ recorded: 8, replayed: 4 })
  })

  test("each time when it reads another tensor each time, another number, or a value; and says so", () => {
    let outer: Tensor = tf.tensor1d([0])
    let count = 0
    const tensors = compile((x: Tensor) => tf.add(x, outer))
    const numbers = compile((x: Tensor) => tf.mul(x, ++count + 1))
    const reads = compile((x: Tensor) => tf.mul(x, tf.sum(x).dataSync()[0]! > 0 ? 1 : -1))
    const keeps = compile((x: Tensor) => {
      outer = tf.keep(tf.add(x, 1))
      return tf.sum(x)
    })
    for (let i = 1; i <= 4; i++) {
      outer = tf.tensor1d([10 * i])
      expect(valuesOf(tensors(tf.tensor1d([1])))).toEqual([[10 * i + 1]])
      expect(valuesOf(numbers(tf.tensor1d([1])))).toEqual([[i + 1]])
      expect(valuesOf(reads(tf.tensor1d([i - 2.5])))).toEqual([[Math.abs(i - 2.5)]])
      keeps(tf.tensor1d([i]))
      expect(valuesOf(outer)).toEqual([[i + 1]])
    }
    for (const step of [tensors, numbers, reads, keeps]) expect(step.counts.replayed).toBe(0)
    expect(tensors.why).toContain("pass it as an argument")
    expect(numbers.why).toContain("pass it as a tensor")
    expect(reads.why).toContain("reads a value")
    expect(keeps.why).toContain("neither returns nor gives to a variable")
  })
})

test("data that is still to be computed is part of the step once, and computed for itself when it comes again", () => {
  const step = compile((x: Tensor) => tf.sum(x))
  const rows = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])
  const runs = () => backendReport().runs
  expect([0, 1, 2].map(i => step(tf.slice(rows, [i, 0], [1, 2])).dataSync()[0])).toEqual([3, 7, 11])
  const before = runs()
  expect(step(tf.slice(rows, [2, 0], [1, 2])).dataSync()[0]).toBe(11)
  expect(runs() - before).toBe(1)
  const pending = tf.add(rows, 1)
  for (let i = 0; i < 4; i++) expect(step(pending).dataSync()[0]).toBe(27)
})

test("inside a gradient it is seen through, and inside another step part of that", () => {
  const square = compile((x: Tensor) => tf.square(x))
  for (let i = 0; i < 3; i++) square(tf.scalar(i))
  expect(
    tf
      .grad(x => square(x))(tf.scalar(3))
      .dataSync()[0],
  ).toBe(6)
  const whole = compile((x: Tensor) => tf.add(square(x), 1))
  expect([2, 3, 4, 5].map(x => whole(tf.scalar(x)).dataSync()[0])).toEqual([5, 10, 17, 26])
  expect(whole.counts).toEqual({ recorded: 2, replayed: 2 })
})

test("on a mesh its batch is cut over the devices, to the same result", async () => {
  const [ours, theirs] = [network(() => tf.train.adam(0.01)), network(() => tf.train.adam(0.01))]
  const step = compile(ours.plain)
  const [x, y] = batch(16, 8)
  await mesh({ data: 2 }).run(() => {
    for (let i = 0; i < 5; i++) tf.dispose(step(x, y))
  })
  expect(step.counts).toEqual({ recorded: 2, replayed: 3 })
  for (let i = 0; i < 5; i++) tf.dispose(theirs.plain(x, y))
  const [wanted, found] = [theirs.weights().flat(), ours.weights().flat()]
  expect(difference(wanted, found)).toBeLessThan(1e-5)
})

test("runs on another backend too, uncompiled", () => {
  const step = compile((x: Tensor) => tf.sum(x))
  tf.setBackend("cpu")
  try {
    expect([1, 2, 3].map(x => step(tf.tensor1d([x, x])).dataSync()[0])).toEqual([2, 4, 6])
    expect(step.counts).toEqual({ recorded: 0, replayed: 0 })
  } finally {
    tf.setBackend("xla")
  }
})

test("what is no step is refused", () => {
  expect(() => compile(3 as never)).toThrow(/step.*number/)
  const later = compile(async (x: Tensor) => tf.sum(x))
  expect(() => later(tf.scalar(1))).toThrow(/async/)
  expect(Object.keys(cellTf)).toContain("compile")
  expect("compile" in cellTf).toBe(true)
})

test("a step made of variables only, and one that gives nothing back", () => {
  const w: Variable = tf.variable(tf.scalar(1))
  const grow = compile(() => {
    w.assign(tf.mul(w, 2))
  })
  for (let i = 0; i < 5; i++) expect(grow()).toBeUndefined()
  expect(w.dataSync()[0]).toBe(32)
  expect(grow.counts).toEqual({ recorded: 2, replayed: 3 })
})

test("fit compiles its step while the event loop goes on", async () => {
  const { device } = activeXla(tf)!
  const { compile: blocking } = device
  const blocked: string[] = []
  device.compile = function (text) {
    blocked.push(text)
    return blocking.call(this, text)
  }
  try {
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [5], units: 3 })] })
    model.compile({ optimizer: "adam", loss: "meanSquaredError" })
    const { history } = await model.fit(normal([40, 5], 1), normal([40, 3], 2), {
      epochs: 2,
      batchSize: 8,
      verbose: 0,
    })
    expect(history.loss).toHaveLength(2)
    expect(blocked).toEqual([])
    expect(Array.from(await normal([3, 7], 3).mul(2).data())).toHaveLength(21)
    expect(blocked).toEqual([])
  } finally {
    device.compile = blocking
  }
})
