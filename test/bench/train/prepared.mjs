// A network of test/train/models.mjs at its full size, compiled, with data for some batches: what the parts of this bench train.
import { networks } from "../../train/models.mjs"

export function prepared(tf, key, batches) {
  const { make, sizes } = networks[key]
  const { model, loss, batch, data } = make(tf, sizes.full)
  model.compile({ optimizer: tf.train.adam(1e-3), loss })
  return { model, batch, ...data(batch * batches) }
}
