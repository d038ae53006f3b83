// Forests of ai.onnx.ml. All trees of all rows go down together, one level a step: where each stands is a number, and what to
// ask there and where to go next are tables. Rows that have come to a leaf stay.

import type { Call, SettingReader, Tensor } from "../Operator.js"

interface Forest {
  readonly roots: readonly number[]
  readonly depth: number
  readonly features: readonly number[]
  readonly splits: readonly number[]
  readonly modes: readonly string[]
  readonly yes: readonly number[]
  readonly no: readonly number[]
  /** Whether a missing number goes the way of yes. */
  readonly missing: readonly number[]
  /** One row a node, one column a target; zeros but at leaves. */
  readonly weights: readonly number[]
}

const forests = new WeakMap<object, Forest>()

/** `kind` begins the names of what leaves say: `class` or `target`. */
function forestOf(node: SettingReader, kind: "class" | "target", targets: number): Forest {
  const known = forests.get(node.settings)
  if (known !== undefined) return known
  const list = (name: string) => node.list(name) ?? []
  const either = (name: string) => node.list(name) ?? node.list(`${name}_as_tensor`) ?? []
  const [trees, ids] = [list("nodes_treeids"), list("nodes_nodeids")]
  const places = new Map(ids.map((id, i) => [`${trees[i]}/${id}`, i]))
  const modes = node.settings.nodes_modes as readonly string[]
  const goes = (name: string) =>
    list(name).map((id, i) => (modes[i] === "LEAF" ? i : places.get(`${trees[i]}/${id}`)!))
  const weights = new Array<number>(ids.length * targets).fill(0)
  const [leafTrees, leafIds] = [list(`${kind}_treeids`), list(`${kind}_nodeids`)]
  const values = either(`${kind}_weights`)
  for (const [i, target] of list(`${kind}_ids`).entries())
    weights[places.get(`${leafTrees[i]}/${leafIds[i]}`)! * targets + target]! += values[i]!
  const [yes, no] = [goes("nodes_truenodeids"), goes("nodes_falsenodeids")]
  const below = new Set([...yes, ...no].filter((at, i) => at !== i % ids.length))
  const roots = ids.flatMap((_, i) => (below.has(i) ? [] : [i]))
  const missing = list("nodes_missing_value_tracks_true")
  const forest = {
    roots,
    depth: depthOf(roots, yes, no),
    features: list("nodes_featureids"),
    splits: either("nodes_values"),
    modes,
    yes,
    no,
    missing: ids.map((_, i) => missing[i] ?? 0),
    weights,
  }
  forests.set(node.settings, forest)
  return forest
}

function depthOf(roots: readonly number[], yes: readonly number[], no: readonly number[]): number {
  let level = roots.filter(at => yes[at] !== at)
  let depth = 0
  while (level.length > 0) {
    level = level.flatMap(at => [yes[at]!, no[at]!]).filter(at => yes[at] !== at)
    if (++depth > yes.length) throw new TypeError("its trees have a circle")
  }
  return depth
}

function asks(call: Call, mode: string, x: Tensor, split: Tensor): Tensor {
  const { tf } = call
  switch (mode) {
    case "BRANCH_LEQ":
      return tf.lessEqual(x, split)
    case "BRANCH_LT":
      return tf.less(x, split)
    case "BRANCH_GTE":
      return tf.greaterEqual(x, split)
    case "BRANCH_GT":
      return tf.greater(x, split)
    case "BRANCH_EQ":
      return tf.equal(x, split)
    case "BRANCH_NEQ":
      return tf.notEqual(x, split)
    default:
      throw new TypeError(`a node's mode is ${mode}`)
  }
}

/** What the trees say, together: `[rows, targets]`. */
export function forestScores(call: Call, kind: "class" | "target", targets: number): Tensor {
  const { tf } = call
  const forest = forestOf(call, kind, targets)
  const x = tf.cast(call.x, "float32")
  const rows = x.shape[0]!
  const [count, size] = [forest.roots.length, forest.features.length]
  const table = (values: readonly number[], type: "float32" | "int32") => call.constant(values, [size], type)
  const look = (values: Tensor, at: Tensor) => tf.gather(values, at as never)
  let at: Tensor = tf.broadcastTo(call.constant(forest.roots, [1, count], "int32"), [rows, count])
  const kinds = [...new Set(forest.modes)].filter(mode => mode !== "LEAF")
  const codes = forest.modes.map(mode => kinds.indexOf(mode))
  for (let level = 0; level < forest.depth; level++) {
    const value = tf.gather(x, look(table(forest.features, "int32"), at) as never, 1, 1)
    const split = look(table(forest.splits, "float32"), at)
    const code = look(table(codes, "int32"), at)
    const answers = kinds.map((mode, i) => {
      const answer = asks(call, mode, value, split)
      return kinds.length === 1 ? answer : tf.logicalAnd(answer, tf.equal(code, tf.scalar(i, "int32")))
    })
    let yes = answers.reduce((a, b) => tf.logicalOr(a, b))
    if (forest.missing.some(Boolean)) {
      const tracks = tf.equal(look(table(forest.missing, "int32"), at), tf.scalar(1, "int32"))
      yes = tf.logicalOr(yes, tf.logicalAnd(tf.isNaN(value), tracks))
    }
    at = tf.where(yes, look(table(forest.yes, "int32"), at), look(table(forest.no, "int32"), at))
  }
  const leaves = tf.gather(call.constant(forest.weights, [size, targets], "float32"), at as never)
  return aggregated(call, leaves, count)
}

function aggregated(call: Call, leaves: Tensor, count: number): Tensor {
  const { tf } = call
  switch (call.text("aggregate_function", "SUM")) {
    case "AVERAGE":
      return tf.div(tf.sum(leaves, 1), count)
    case "MIN":
      return tf.min(leaves, 1)
    case "MAX":
      return tf.max(leaves, 1)
    default:
      return tf.sum(leaves, 1)
  }
}
