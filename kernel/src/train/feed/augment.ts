// Images changed at random while a model trains: mirrored, shifted, lighter or darker, each row by itself. Part of the
// captured step, with random numbers made on the device, so that nothing is uploaded and a resumed run draws the same.
// Validation and prediction see images as they are.

import { checkOptions, fail } from "../../errors.js"
import { activeXla } from "../install.js"
import { uniform } from "../patches/dropout.js"
import type { Tf } from "../tf.js"
import { oneEach } from "./labels.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Tensor4D = import("@tensorflow/tfjs").Tensor4D
type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface AugmentOptions {
  /** Half of the images are mirrored: left and right, top and bottom, or either by itself. */
  readonly flip?: "horizontal" | "vertical" | "both"
  /** Shifts by up to so many pixels in each direction; what comes in from outside is 0. */
  readonly crop?: number
  /** All numbers of an image times 1 minus this to 1 plus this. */
  readonly brightness?: number
}

/** @throws UNKNOWN_OPTION, BAD_VALUE */
export function checkAugment(augment: AugmentOptions): void {
  checkOptions("train: augment", augment, ["flip", "crop", "brightness"])
  const bad = (name: string, value: unknown, fix: string) =>
    fail("BAD_VALUE", { where: "train", name: `augment.${name}`, value: String(value), fix })
  const { flip, crop, brightness } = augment
  if (flip !== undefined && !["horizontal", "vertical", "both"].includes(flip))
    throw bad("flip", flip, "Give horizontal, vertical or both.")
  if (crop !== undefined && !(Number.isSafeInteger(crop) && crop > 0))
    throw bad("crop", crop, "Give pixels: a whole number from 1 on.")
  if (brightness !== undefined && !(brightness > 0 && brightness <= 1))
    throw bad("brightness", brightness, "Give a share above 0, at most 1, such as 0.2.")
}

function checkImages(model: LayersModel, { crop = 0 }: AugmentOptions): void {
  const shape = model.inputs[0]!.shape
  const [, height, width] = shape
  if (shape.length === 4 && crop < Math.min(height ?? 1, width ?? 1)) return
  const value =
    shape.length === 4
      ? `a crop of ${crop} for images of ${height} by ${width}`
      : `given for rows of [${shape.slice(1).join(", ")}]`
  const fix = "Images are rows of [height, width, channels]."
  throw fail("BAD_VALUE", { where: "train", name: "augment", value, fix })
}

/** A batch changed at random; a new tensor. */
export function augmented(tf: Tf, batch: Tensor, { flip, crop, brightness }: AugmentOptions): Tensor {
  return tf.tidy(() => {
    let x = batch as Tensor4D
    if (flip === "horizontal" || flip === "both") x = mirrored(tf, x, 2)
    if (flip === "vertical" || flip === "both") x = mirrored(tf, x, 1)
    if (crop !== undefined) x = shifted(tf, shifted(tf, x, crop, 1), crop, 2)
    if (brightness !== undefined) {
      const factor = tf.add(tf.mul(random(tf, x.shape[0]), 2 * brightness), 1 - brightness)
      x = tf.mul(x, tf.reshape(factor, [-1, 1, 1, 1]))
    }
    return x
  })
}

function mirrored(tf: Tf, x: Tensor4D, axis: 1 | 2): Tensor4D {
  const share = tf.cast(tf.less(random(tf, x.shape[0]), 0.5), "float32")
  const mask = tf.reshape(share, [-1, 1, 1, 1])
  return tf.add(tf.mul(x, tf.sub(1, mask)), tf.mul(tf.reverse(x, axis), mask))
}

/**
 * Each image by a whole number of pixels of its own, as a product with a matrix that picks lines: a gather by row would be
 * many small copies, this is one product.
 */
function shifted(tf: Tf, x: Tensor4D, most: number, axis: 1 | 2): Tensor4D {
  const [rows, height, width, channels] = x.shape
  const size = x.shape[axis]
  const by = tf.sub(tf.floor(tf.mul(random(tf, rows), 2 * most + 1)), most)
  const place = tf.range(0, size, 1, "float32")
  const from = tf.add(tf.reshape(place, [1, size, 1]), tf.reshape(by, [-1, 1, 1]))
  const pick = tf.cast(tf.equal(from, tf.reshape(place, [1, 1, size])), "float32")
  if (axis === 1) return tf.reshape(tf.matMul(pick, tf.reshape(x, [rows, height, width * channels])), x.shape)
  const turned = tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [rows, width, height * channels])
  return tf.transpose(tf.reshape(tf.matMul(pick, turned), [rows, width, height, channels]), [0, 2, 1, 3])
}

let drawn = 0

/** Uniform in [0, 1), one a row. */
function random(tf: Tf, rows: number): Tensor {
  const backend = activeXla(tf)
  // Other backends have no random numbers of a step; theirs repeat with the process, not with the seed.
  if (backend === undefined) return tf.randomUniform([rows], 0, 1, "float32", ++drawn)
  return tf.engine().makeTensorFromTensorInfo(backend.record(uniform(backend.seed(), [rows])))
}

const augmentations = new WeakMap<object, AugmentOptions>()

/**
 * Has the steps of `model` change their images from here on; without `augment`, that ends.
 * @throws BAD_VALUE for a model whose rows are no images, or are smaller than the shift
 */
export function augmentSteps(model: LayersModel, { augment }: { readonly augment?: AugmentOptions }): void {
  if (augment !== undefined) {
    oneEach(model, "train", "augment")
    checkImages(model, augment)
  }
  // A Sequential trains the LayersModel inside it.
  const inner = (model as { model?: object }).model ?? model
  if (augment === undefined) augmentations.delete(inner)
  else augmentations.set(inner, augment)
}

export function augmentationOf(model: object): AugmentOptions | undefined {
  return augmentations.get(model)
}
