// Attention as one operator, with what goes with it in encoders and decoders: masks, windows, caches, rotated positions.

import type { Call, Operator, Tensor } from "../Operator.js"

/** `[batch, steps, heads * size]` to `[batch, heads, steps, size]`. */
export function intoHeads({ tf }: Call, x: Tensor, heads: number): Tensor {
  if (x.rank === 4) return x
  const [batch, steps, width] = x.shape as [number, number, number]
  return tf.transpose(tf.reshape(x, [batch, steps, heads, width / heads]), [0, 2, 1, 3])
}

export function outOfHeads({ tf }: Call, x: Tensor): Tensor {
  const [batch, heads, steps, size] = x.shape as [number, number, number, number]
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, steps, heads * size])
}

/** Each head as often as there are queries for it. */
function repeated({ tf }: Call, x: Tensor, times: number): Tensor {
  if (times === 1) return x
  const [batch, heads, ...rest] = x.shape as [number, number, number, number]
  const wide = tf.tile(tf.expandDims(x, 2), [1, 1, times, 1, 1])
  return tf.reshape(wide, [batch, heads * times, ...rest])
}

/** Zero where a key may be seen, minus infinity where not. */
function hiding(call: Call, allowed: Tensor): Tensor {
  const { tf } = call
  const shown = tf.zerosLike(tf.cast(allowed, "float32"))
  return tf.where(allowed, shown, tf.add(shown, Number.NEGATIVE_INFINITY))
}

/** How far each query lies behind each key: `[queries, keys]`, or `[batch, 1, queries, keys]`. */
function distances(call: Call, queries: number, keys: number, past: number): Tensor {
  const { tf } = call
  const ahead = Array.from({ length: queries * keys }, (_, i) => Math.floor(i / keys) - (i % keys) + past)
  const base = call.constant(ahead, [queries, keys], "int32")
  const lengths = call.optional(6)
  if (lengths === undefined || past > 0) return base
  return tf.add(base, tf.reshape(tf.sub(lengths, tf.scalar(queries, "int32")), [-1, 1, 1, 1]))
}

/** All that is added to the scores; undefined when nothing is. */
function biasOf(call: Call, queries: number, keys: number, past: number): Tensor | undefined {
  const { tf } = call
  const parts: Tensor[] = []
  const mask = call.optional(3)
  if (mask !== undefined) {
    const missing = keys - mask.shape.at(-1)!
    const bias = mask.dtype === "bool" ? hiding(call, mask) : mask
    const sides = mask.shape.map((_, i): [number, number] => [0, i === mask.rank - 1 ? missing : 0])
    parts.push(missing > 0 ? tf.pad(bias, sides, Number.NEGATIVE_INFINITY) : bias)
  }
  const [left, right] = [call.number("left_window_size", -1), call.number("right_window_size", -1)]
  const causal = call.number("is_causal", 0) !== 0
  if (causal || left >= 0 || right >= 0) {
    const ahead = distances(call, queries, keys, past)
    const limit = (allowed: Tensor) => parts.push(hiding(call, allowed))
    if (causal) limit(tf.greaterEqual(ahead, tf.scalar(0, "int32")))
    if (left >= 0) limit(tf.lessEqual(ahead, tf.scalar(left, "int32")))
    if (right >= 0) limit(tf.greaterEqual(ahead, tf.scalar(-right, "int32")))
  }
  const lengths = call.optional(6)
  if (lengths !== undefined) {
    const places = call.constant(
      Array.from({ length: keys }, (_, i) => i),
      [1, 1, 1, keys],
      "int32",
    )
    parts.push(hiding(call, tf.less(places, tf.reshape(lengths, [-1, 1, 1, 1]))))
  }
  return parts.length === 0 ? undefined : parts.reduce((a, b) => tf.add(a, b))
}

/** A query that may see no key sees nothing, instead of NaN. */
function shares(call: Call, scores: Tensor, bias: Tensor | undefined): Tensor {
  const { tf } = call
  if (bias === undefined) return tf.softmax(scores)
  const blind = tf.equal(tf.max(bias, -1, true), Number.NEGATIVE_INFINITY)
  const safe = tf.where(tf.broadcastTo(blind, scores.shape), tf.zerosLike(scores), scores)
  return tf.mul(tf.softmax(safe), tf.cast(tf.logicalNot(blind), "float32"))
}

function attention(call: Call): Tensor[] {
  const { tf, x } = call
  const q = intoHeads(call, x, call.number("q_num_heads", 1))
  const heads = call.number("kv_num_heads", 1)
  const grown = (i: number, past: Tensor | undefined) => {
    const now = intoHeads(call, call.tensor(i), heads)
    return past === undefined ? now : tf.concat([past, now], 2)
  }
  const pastKey = call.optional(4)
  const [key, value] = [grown(1, pastKey), grown(2, call.optional(5))]
  const times = q.shape[1]! / key.shape[1]!
  const scale = call.number("scale", 1 / Math.sqrt(q.shape[3]!))
  const [queries, keys] = [q.shape[2]!, key.shape[2]!]
  const plain = tf.mul(tf.matMul(q, repeated(call, key, times), false, true), scale)
  const cap = call.number("softcap", 0)
  const capped = cap > 0 ? tf.mul(tf.tanh(tf.div(plain, cap)), cap) : plain
  const bias = biasOf(call, queries, keys, pastKey?.shape[2] ?? 0)
  const scores = bias === undefined ? capped : tf.add(capped, bias)
  const weights = shares(call, scores, bias)
  const result = tf.matMul(weights, repeated(call, value, times))
  const shown = [plain, capped, scores, weights][call.number("qk_matmul_output_mode", 0)]!
  const output = x.rank === 3 ? outOfHeads(call, result) : result
  return [output, tf.clone(key), tf.clone(value), tf.clone(shown)].slice(0, Math.max(1, call.outputs))
}

/** Pairs of numbers turned by an angle that grows with the place. */
function rotated(call: Call): Tensor {
  const { tf, x } = call
  const split = x.rank === 3
  const heads = call.number("num_heads", 0)
  const own = split ? intoHeads(call, x, heads) : x
  const [batch, count, steps, size] = own.shape as [number, number, number, number]
  const given = call.number("rotary_embedding_dim", 0)
  const width = given === 0 ? size : given
  const places = call.optional(3)
  // [batch or 1, 1, steps, width / 2]
  const cache = (i: number) => {
    const table = call.tensor(i)
    const rows = places === undefined ? table : tf.gather(table, tf.cast(places, "int32") as never)
    return tf.reshape(rows, [-1, 1, steps, width / 2])
  }
  const [cos, sin] = [cache(1), cache(2)]
  const [turning, rest] = width === size ? [own] : tf.split(own, [width, size - width], -1)
  const woven = call.number("interleaved", 0) !== 0
  const pairs = woven
    ? tf.reshape(turning!, [batch, count, steps, width / 2, 2])
    : tf.transpose(tf.reshape(turning!, [batch, count, steps, 2, width / 2]), [0, 1, 2, 4, 3])
  const [a, b] = tf.unstack(pairs, -1) as [Tensor, Tensor]
  const [real, imaginary] = [tf.sub(tf.mul(cos, a), tf.mul(sin, b)), tf.add(tf.mul(sin, a), tf.mul(cos, b))]
  const joined = woven
    ? tf.reshape(tf.stack([real, imaginary], -1), [batch, count, steps, width])
    : tf.concat([real, imaginary], -1)
  const whole = rest === undefined ? joined : tf.concat([joined, rest], -1)
  return split ? outOfHeads(call, whole) : whole
}

/** A state of keys times values, read by one query after the other. */
function linearAttention(call: Call): Tensor[] {
  const { tf } = call
  const [heads, keyHeads] = [call.number("q_num_heads", 1), call.number("kv_num_heads", 1)]
  const times = heads / keyHeads
  const steps = (i: number, count: number) => {
    const given = call.optional(i)
    return given === undefined ? undefined : tf.unstack(intoHeads(call, given, count), 2)
  }
  const [q, k, v] = [steps(0, heads)!, steps(1, keyHeads)!, steps(2, keyHeads)!]
  const decay = steps(4, keyHeads)
  const beta = steps(5, call.optional(5)?.shape[2] ?? 1)
  const given = call.number("scale", 0)
  const scale = given === 0 ? 1 / Math.sqrt(q[0]!.shape[2]!) : given
  let state = call.optional(3)
  const outputs = q.map((query, i) => {
    if (decay !== undefined && state !== undefined) state = tf.mul(state, tf.expandDims(tf.exp(decay[i]!), 3))
    const key = tf.expandDims(k[i]!, 3)
    let value = v[i]!
    if (beta !== undefined) {
      const known = state === undefined ? value : tf.sub(value, tf.squeeze(tf.matMul(key, state, true), [2]))
      value = tf.mul(known, beta[i]!)
    }
    const written = tf.mul(key, tf.expandDims(value, 2))
    state = state === undefined ? written : tf.add(state, written)
    return tf.mul(tf.matMul(tf.expandDims(query, 2), repeated(call, state, times)), scale)
  })
  const all = tf.concat(outputs, 2)
  return [outOfHeads(call, all), state!].slice(0, Math.max(1, call.outputs))
}

/** New entries into each row's cache, from the place where its last ones end. */
function intoCache(call: Call): Tensor {
  const { tf, x } = call
  const update = call.tensor(1)
  const axis = call.number("axis", -2)
  const at = axis < 0 ? axis + x.rank : axis
  const [length, count, batch] = [x.shape[at]!, update.shape[at]!, x.shape[0]!]
  const places = call.constant(
    Array.from({ length }, (_, i) => i),
    [1, length],
    "int32",
  )
  const starts = call.optional(2)
  const whole = (value: number) => tf.scalar(value, "int32")
  const from = starts === undefined ? places : tf.sub(places, tf.reshape(starts, [-1, 1]))
  const offset = call.text("mode", "linear") === "circular" ? tf.mod(from, whole(length)) : from
  // Each place of the cache takes one new entry, or none.
  const entries = call.constant(
    Array.from({ length: count }, (_, i) => i),
    [1, 1, count],
    "int32",
  )
  const hot = tf.equal(tf.expandDims(tf.broadcastTo(offset, [batch, length]), 2), entries)
  const perm = [0, at, ...x.shape.flatMap((_, i) => (i === 0 || i === at ? [] : [i]))]
  const back = perm.map((_, i) => perm.indexOf(i))
  const flat = (tensor: Tensor) => {
    const turned = tf.transpose(tensor, perm)
    return { turned, rows: tf.reshape(turned, [batch, turned.shape[1]!, -1]) }
  }
  const cache = flat(x)
  const spread = tf.cast(hot, "float32")
  const kept = tf.sub(1, tf.sum(spread, -1, true))
  const next = tf.add(tf.mul(cache.rows, kept), tf.matMul(spread, flat(update).rows))
  return tf.transpose(tf.reshape(next, cache.turned.shape), back)
}

export const attending: Readonly<Record<string, Operator>> = {
  Attention: { order: "file", run: attention },
  RotaryEmbedding: { order: "file", run: rotated },
  LinearAttention: { order: "file", run: linearAttention },
  TensorScatter: { order: "file", run: intoCache },
  SwiGLU: {
    order: "together",
    run: call => {
      const { tf, x } = call
      return tf.mul(tf.mul(x, tf.sigmoid(tf.mul(x, call.number("alpha", 1)))), call.tensor(1))
    },
  },
  CausalConvWithState: {
    order: "file",
    run: call => {
      const { tf, x } = call
      const kernel = call.tensor(1)
      const before = kernel.shape[2]! - 1
      const past = call.optional(3)
      const wide =
        past === undefined
          ? tf.pad(x, [
              [0, 0],
              [0, 0],
              [before, 0],
            ])
          : tf.concat([past, x], 2)
      const steps = x.shape[2]!
      const sum = Array.from({ length: before + 1 }, (_, i) =>
        tf.mul(
          tf.slice(wide, [0, 0, i], [x.shape[0]!, x.shape[1]!, steps]),
          tf.reshape(tf.slice(kernel, [0, 0, i], [kernel.shape[0]!, 1, 1]), [-1, 1]),
        ),
      ).reduce((a, b) => tf.add(a, b))
      const bias = call.optional(2)
      const biased = bias === undefined ? sum : tf.add(sum, tf.reshape(bias, [-1, 1]))
      const result = call.text("activation", "none") === "none" ? biased : tf.mul(biased, tf.sigmoid(biased))
      const state = tf.slice(wide, [0, 0, steps], [x.shape[0]!, x.shape[1]!, before])
      return call.outputs > 1 ? [result, state] : result
    },
  },
}
