// The program of the self-test and the same computation in plain TypeScript: one step of gradient descent with momentum
// on a network of one hidden layer. Sizes are large enough for XLA to run its parts in parallel, which is where the
// faulty plugin (xla-cpu-pjrt 0.0.1) overwrites a donated weight before its last reader is done.

export const sizes = { batch: 32, inputs: 48, hidden: 64, classes: 10 } as const
const { batch: B, inputs: I, hidden: H, classes: C } = sizes
const rate = 0.1
const momentum = 0.9

/** W1, b1, W2, b2. Parameters of the program: these, their velocities, x, y (one-hot). Results: the same eight, loss. */
export const weightShapes: readonly (readonly number[])[] = [[I, H], [H], [H, C], [C]]
export const donatedInputs: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7]

export function stepProgram(): string {
  const types = weightShapes.map(shape => type(...shape))
  const state = [...types, ...types]
  const parameters = state.map((t, i) => `%s${i}: ${t} {tf.aliasing_output = ${i} : i32}`)
  const x = type(B, I)
  const h = type(B, H)
  const z = type(B, C)
  const rows = type(B)
  const text = [
    `func.func public @main(${parameters.join(", ")}, %x: ${x}, %y: ${z}) -> (${[...state, type()].join(", ")}) {`,
    "%zero = stablehlo.constant dense<0.0> : tensor<f32>",
    "%low = stablehlo.constant dense<0xFF800000> : tensor<f32>",
    `%none = stablehlo.constant dense<0.0> : ${h}`,
    `%count = stablehlo.constant dense<${B}.0> : tensor<f32>`,
    dot("%xw", "%x", "%s0", 1, 0, x, types[0]!, h),
    `%b1 = stablehlo.broadcast_in_dim %s1, dims = [1] : (${types[1]}) -> ${h}`,
    `%z1 = stablehlo.add %xw, %b1 : ${h}`,
    `%h = stablehlo.maximum %z1, %none : ${h}`,
    dot("%hw", "%h", "%s2", 1, 0, h, types[2]!, z),
    `%b2 = stablehlo.broadcast_in_dim %s3, dims = [1] : (${types[3]}) -> ${z}`,
    `%z2 = stablehlo.add %hw, %b2 : ${z}`,
    `%top = stablehlo.reduce(%z2 init: %low) applies stablehlo.maximum across dimensions = [1] : (${z}, tensor<f32>) -> ${rows}`,
    spread("%tops", "%top", z, rows),
    `%shift = stablehlo.subtract %z2, %tops : ${z}`,
    `%e = stablehlo.exponential %shift : ${z}`,
    `%sum = ${sum("%e", 1, z, rows)}`,
    spread("%sums", "%sum", z, rows),
    `%p = stablehlo.divide %e, %sums : ${z}`,
    `%logs = stablehlo.log %sums : ${z}`,
    `%logp = stablehlo.subtract %shift, %logs : ${z}`,
    `%yl = stablehlo.multiply %y, %logp : ${z}`,
    `%total = ${sum("%yl", "0, 1", z, type())}`,
    "%mean = stablehlo.divide %total, %count : tensor<f32>",
    "%loss = stablehlo.negate %mean : tensor<f32>",
    `%counts = stablehlo.broadcast_in_dim %count, dims = [] : (tensor<f32>) -> ${z}`,
    `%diff = stablehlo.subtract %p, %y : ${z}`,
    `%d2 = stablehlo.divide %diff, %counts : ${z}`,
    dot("%g2", "%h", "%d2", 0, 0, h, z, types[2]!),
    `%g3 = ${sum("%d2", 0, z, types[3]!)}`,
    dot("%dh", "%d2", "%s2", 1, 1, z, types[2]!, h),
    `%on = stablehlo.compare GT, %z1, %none : (${h}, ${h}) -> tensor<${B}x${H}xi1>`,
    `%d1 = stablehlo.select %on, %dh, %none : tensor<${B}x${H}xi1>, ${h}`,
    dot("%g0", "%x", "%d1", 0, 0, x, h, types[0]!),
    `%g1 = ${sum("%d1", 0, h, types[1]!)}`,
    ...types.flatMap((t, i) => update(i, t)),
    `return ${[0, 1, 2, 3].map(i => `%w${i}`).join(", ")}, ${[0, 1, 2, 3].map(i => `%v${i}`).join(", ")}, %loss : ${[...state, type()].join(", ")}`,
    "}",
  ]
  return text.join("\n")
}

function update(i: number, t: string): string[] {
  return [
    `%mu${i} = stablehlo.constant dense<${momentum}> : ${t}`,
    `%lr${i} = stablehlo.constant dense<${rate}> : ${t}`,
    `%old${i} = stablehlo.multiply %s${i + 4}, %mu${i} : ${t}`,
    `%v${i} = stablehlo.add %old${i}, %g${i} : ${t}`,
    `%move${i} = stablehlo.multiply %v${i}, %lr${i} : ${t}`,
    `%w${i} = stablehlo.subtract %s${i}, %move${i} : ${t}`,
  ]
}

function type(...shape: number[]): string {
  return `tensor<${[...shape, "f32"].join("x")}>`
}

function dot(
  to: string,
  a: string,
  b: string,
  da: number,
  db: number,
  ta: string,
  tb: string,
  t: string,
): string {
  return `${to} = stablehlo.dot_general ${a}, ${b}, contracting_dims = [${da}] x [${db}] : (${ta}, ${tb}) -> ${t}`
}

function sum(of: string, dims: number | string, from: string, to: string): string {
  return `stablehlo.reduce(${of} init: %zero) applies stablehlo.add across dimensions = [${dims}] : (${from}, tensor<f32>) -> ${to}`
}

function spread(to: string, from: string, wide: string, narrow: string): string {
  return `${to} = stablehlo.broadcast_in_dim ${from}, dims = [0] : (${narrow}) -> ${wide}`
}

/** Losses of `steps` steps from `weights` (changed in place) in double precision: what any device must come near to. */
export function referenceLosses(
  weights: readonly Float64Array[],
  x: Float32Array,
  y: Float32Array,
  steps: number,
): number[] {
  const velocities = weights.map(w => new Float64Array(w.length))
  return Array.from({ length: steps }, () => {
    const { loss, gradients } = lossAndGradients(weights, x, y)
    for (const [k, w] of weights.entries()) {
      const v = velocities[k]!
      for (let i = 0; i < w.length; i++) {
        v[i] = v[i]! * momentum + gradients[k]![i]!
        w[i] = w[i]! - rate * v[i]!
      }
    }
    return loss
  })
}

function lossAndGradients(weights: readonly Float64Array[], x: Float32Array, y: Float32Array) {
  const [w1, b1, w2, b2] = weights as [Float64Array, Float64Array, Float64Array, Float64Array]
  const gradients = weights.map(w => new Float64Array(w.length))
  const [g1, gb1, g2, gb2] = gradients as [Float64Array, Float64Array, Float64Array, Float64Array]
  let loss = 0
  for (let n = 0; n < B; n++) {
    const z1 = Float64Array.from(b1)
    for (let i = 0; i < I; i++) for (let j = 0; j < H; j++) z1[j]! += x[n * I + i]! * w1[i * H + j]!
    const z2 = Float64Array.from(b2)
    for (let j = 0; j < H; j++) for (let c = 0; c < C; c++) z2[c]! += Math.max(0, z1[j]!) * w2[j * C + c]!
    const total = z2.reduce((sum, z) => sum + Math.exp(z), 0)
    const d2 = z2.map((z, c) => (Math.exp(z) / total - y[n * C + c]!) / B)
    for (let c = 0; c < C; c++) {
      loss -= (y[n * C + c]! * (z2[c]! - Math.log(total))) / B
      gb2[c]! += d2[c]!
    }
    for (let j = 0; j < H; j++) {
      if (z1[j]! <= 0) continue
      let d1 = 0
      for (let c = 0; c < C; c++) {
        g2[j * C + c]! += z1[j]! * d2[c]!
        d1 += d2[c]! * w2[j * C + c]!
      }
      gb1[j]! += d1
      for (let i = 0; i < I; i++) g1[i * H + j]! += x[n * I + i]! * d1
    }
  }
  return { loss, gradients }
}
