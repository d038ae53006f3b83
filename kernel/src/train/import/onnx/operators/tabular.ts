// ai.onnx.ml: what scikit-learn, XGBoost and LightGBM export for tables. Tensors hold no texts here: a label that is a text
// comes out as its place in the list of labels, and ZipMap's maps stay the matrix that they are made of.

import type { Call, Operator, Tensor } from "../Operator.js"
import { forestScores } from "./trees.js"

const floats = (call: Call) => call.tf.cast(call.x, "float32")

/** What a model's raw scores become. */
function transformed(call: Call, x: Tensor): Tensor {
  const { tf } = call
  const kind = call.text("post_transform", "NONE")
  switch (kind) {
    case "NONE":
      return x
    case "LOGISTIC":
      return tf.sigmoid(x)
    case "SOFTMAX":
      return tf.softmax(x)
    case "SOFTMAX_ZERO": {
      const counts = tf.cast(tf.notEqual(x, 0), "float32")
      const powers = tf.mul(tf.exp(tf.sub(x, tf.max(x, -1, true))), counts)
      return tf.divNoNan(powers, tf.sum(powers, -1, true))
    }
    default:
      throw new TypeError(
        `its post_transform is ${kind}, and known are NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO`,
      )
  }
}

function labelsOf(call: Call): { count: number; numbers: readonly number[] | undefined } {
  const { classlabels_strings: texts } = call.settings
  const numbers = call.list("classlabels_int64s") ?? call.list("classlabels_ints")
  if (Array.isArray(texts) && texts.length > 0) return { count: texts.length, numbers: undefined }
  return { count: numbers?.length ?? 0, numbers }
}

/** The label of each row by the place of its largest score, and the scores. */
function classified(call: Call, place: Tensor, scores: Tensor): Tensor[] {
  const { tf } = call
  const { numbers } = labelsOf(call)
  const at = tf.cast(place, "int32")
  const label =
    numbers === undefined ? at : tf.gather(call.constant(numbers, [numbers.length], "int32"), at as never)
  return [label, scores].slice(0, Math.max(1, call.outputs))
}

/** Of two classes one has scores: above the threshold it is the second. */
function twoClasses(call: Call, score: Tensor, isShare: boolean): Tensor[] {
  const { tf } = call
  const place = tf.squeeze(tf.greater(score, isShare ? 0.5 : 0), [1])
  if (isShare) return classified(call, place, tf.concat([tf.sub(1, score), score], 1))
  const both = tf.concat([tf.neg(score), score], 1)
  const logistic = call.text("post_transform", "NONE") === "LOGISTIC"
  return classified(call, place, logistic ? tf.sigmoid(both) : both)
}

function treeClassifier(call: Call): Tensor[] {
  const { tf } = call
  const { count } = labelsOf(call)
  const ids = call.list("class_ids") ?? []
  const weights = call.list("class_weights") ?? call.list("class_weights_as_tensor") ?? []
  const base = call.list("base_values") ?? call.list("base_values_as_tensor") ?? []
  const scores = forestScores(call, "class", Math.max(count, ...ids.map(id => id + 1)))
  if (count === 2 && new Set(ids).size === 1) {
    const own = tf.slice(scores, [0, ids[0]!], [scores.shape[0]!, 1])
    const moved = base.length === 0 ? own : tf.add(own, base.at(-1)!)
    return twoClasses(
      call,
      moved,
      weights.every(weight => weight >= 0),
    )
  }
  const moved = base.length === 0 ? scores : tf.add(scores, call.constant(base, [base.length], "float32"))
  return classified(call, tf.argMax(moved, 1), transformed(call, moved))
}

function treeRegressor(call: Call): Tensor {
  const { tf } = call
  const scores = forestScores(call, "target", call.number("n_targets", 1))
  const base = call.list("base_values") ?? call.list("base_values_as_tensor") ?? []
  return transformed(
    call,
    base.length === 0 ? scores : tf.add(scores, call.constant(base, [base.length], "float32")),
  )
}

/** Rows times the coefficients, which lie one row a target. */
function linearScores(call: Call, targets: number): Tensor {
  const { tf } = call
  const coefficients = call.list("coefficients")!
  const matrix = call.constant(coefficients, [targets, coefficients.length / targets], "float32")
  const product = tf.matMul(floats(call), matrix, false, true)
  const base = call.list("intercepts") ?? []
  return base.length === 0 ? product : tf.add(product, call.constant(base, [base.length], "float32"))
}

function linearClassifier(call: Call): Tensor[] {
  const { tf, x } = call
  const targets = call.list("coefficients")!.length / x.shape[1]!
  const scores = linearScores(call, targets)
  if (targets === 1) return twoClasses(call, scores, false)
  return classified(call, tf.argMax(scores, 1), transformed(call, scores))
}

/** Each number that is a key to the value at its place. */
function encoded(call: Call): Tensor {
  const { tf, x } = call
  const pick = (name: string) =>
    (["int64s", "floats", "tensor", "strings"] as const)
      .map(type => ({
        type,
        list: call.settings[`${name}_${type}`] as readonly (number | string)[] | undefined,
      }))
      .find(({ list }) => list !== undefined && list.length > 0)
  const [keys, values] = [pick("keys"), pick("values")]
  if (keys === undefined || values === undefined || typeof keys.list![0] === "string")
    throw new TypeError("its keys are texts, which tensors do not hold")
  const texts = typeof values.list![0] === "string"
  const numbers = texts ? values.list!.map((_, i) => i) : (values.list as readonly number[])
  const broken = values.type === "floats" || (values.type === "tensor" && call.text("type", "") === "float32")
  const otherwise = broken
    ? call.number("default_float", 0)
    : texts
      ? -1
      : (call.list("default_tensor")?.[0] ?? call.number("default_int64", -1))
  const hits = tf.cast(
    tf.equal(
      tf.cast(tf.expandDims(x, -1), "float32"),
      call.constant(keys.list as number[], [keys.list!.length], "float32"),
    ),
    "float32",
  )
  const found = tf.sum(tf.mul(hits, call.constant(numbers, [numbers.length], "float32")), -1)
  const result = tf.add(found, tf.mul(tf.sub(1, tf.sum(hits, -1)), otherwise))
  return broken ? result : tf.cast(tf.round(result), "int32")
}

function oneHot(call: Call): Tensor {
  const { tf, x } = call
  const categories = call.list("cats_int64s")
  if (categories === undefined || categories.length === 0 || typeof categories[0] === "string")
    throw new TypeError("its categories are texts, which tensors do not hold")
  const hits = tf.equal(
    tf.cast(tf.expandDims(x, -1), "int32"),
    call.constant(categories, [categories.length], "int32"),
  )
  return tf.cast(hits, "float32")
}

function imputed(call: Call): Tensor {
  const { tf, x } = call
  const whole = x.dtype === "int32"
  const values = call.list(whole ? "imputed_value_int64s" : "imputed_value_floats")!
  const replaced = whole ? call.number("replaced_value_int64", 0) : call.number("replaced_value_float", 0)
  const gone = Number.isNaN(replaced) ? tf.isNaN(x) : tf.equal(x, tf.scalar(replaced, x.dtype as "float32"))
  const fill = call.constant(values, [values.length], x.dtype as "float32")
  return tf.where(gone, tf.broadcastTo(fill, x.shape), x)
}

function normalised(call: Call): Tensor {
  const { tf } = call
  const x = floats(call)
  const kind = call.text("norm", "MAX")
  const size =
    kind === "L1"
      ? tf.sum(tf.abs(x), -1, true)
      : kind === "L2"
        ? tf.sqrt(tf.sum(tf.square(x), -1, true))
        : tf.max(x, -1, true)
  return tf.where(tf.broadcastTo(tf.equal(size, 0), x.shape), x, tf.divNoNan(x, size))
}

const ml = (rows: Readonly<Record<string, Operator["run"]>>): Record<string, Operator> =>
  Object.fromEntries(
    Object.entries(rows).map(([name, run]) => [`ai.onnx.ml.${name}`, { order: "file", run }]),
  )

export const tabular: Readonly<Record<string, Operator>> = {
  ...ml({
    TreeEnsembleClassifier: treeClassifier,
    TreeEnsembleRegressor: treeRegressor,
    LinearClassifier: linearClassifier,
    LinearRegressor: call => transformed(call, linearScores(call, call.number("targets", 1))),
    LabelEncoder: encoded,
    OneHotEncoder: oneHot,
    Imputer: imputed,
    Normalizer: normalised,
    Scaler: call => {
      const { tf } = call
      const along = (name: string, otherwise: number) => {
        const values = call.list(name) ?? [otherwise]
        return call.constant(values, [values.length], "float32")
      }
      return tf.mul(tf.sub(floats(call), along("offset", 0)), along("scale", 1))
    },
    Binarizer: call => call.tf.cast(call.tf.greater(call.x, call.number("threshold", 0)), "float32"),
    FeatureVectorizer: call =>
      call.tf.concat(
        call.tensors().map(x => call.tf.cast(x.rank === 1 ? call.tf.expandDims(x, 1) : x, "float32")),
        1,
      ),
    ArrayFeatureExtractor: call => {
      const { tf, x } = call
      const rows = x.rank === 1 ? tf.expandDims(x, 0) : x
      return tf.gather(rows, tf.cast(tf.reshape(call.tensor(1), [-1]), "int32") as never, rows.rank - 1)
    },
  }),
  "ai.onnx.ml.ZipMap": {
    order: "file",
    run: ({ tf, x }) => tf.clone(x),
    build: ({ live }) => (live(0) === undefined ? undefined : [live(0)!]),
  },
}
