// `loadWeights`: numbers from a file into a model that is there already: safetensors, as PyTorch's state_dict is saved.

import { checkOptions, didYouMean, fail } from "../../../errors.js"
import { ensureBackend } from "../../backend.js"
import { loadTf } from "../../tf.js"
import { readBytes } from "../files.js"
import { wantedOf } from "./conventions.js"
import { type Matched, matchWeights, type WeightMap } from "./match.js"
import { readStored, type Stored } from "./stored.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface LoadWeightsOptions {
  /** Where names do not say it: by layer (`{ stem: "conv1" }`) or weight (`{ "stem/kernel": "conv1.weight" }`). */
  readonly map?: WeightMap
  /** Weights that find no place keep their numbers, as a new head does. Default false: an error. */
  readonly partial?: boolean
}

export interface LoadedWeights {
  /** The tensor of the file that each weight of the model got. */
  readonly from: Readonly<Record<string, string>>
  /** Weights of the model that kept their numbers, with `partial`. */
  readonly kept: readonly string[]
  /** Tensors of the file that no weight took. */
  readonly unused: readonly string[]
}

/**
 * Fills `model` with the weights of a safetensors file at a path or a store address. They are matched by name, and by shape
 * where only one way is left; PyTorch's layout is turned into that of the layers. Nothing is changed when an error is thrown.
 *
 * @throws WEIGHTS_DIFFER with every weight that found no place and why; MODEL_FILE for what is no safetensors file.
 * @example await loadWeights(model, "resnet.safetensors", { map: { stem: "conv1" } })
 */
export async function loadWeights(
  model: LayersModel,
  path: string,
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  checkOptions("loadWeights", options, ["map", "partial"])
  await ensureBackend()
  const stored = readStored(await readBytes(path), path)
  const wanted = wantedOf(model.layers)
  const map = options.map ?? {}
  checkMap(map, wanted)
  const matched = matchWeights(wanted, stored, map)
  if (matched.misses.length > 0 && options.partial !== true) throw differ(path, matched, stored)
  const tf = loadTf()
  for (const { wanted: one, values } of matched.matches)
    tf.tidy(() => {
      one.variable.write(tf.tensor(values(), [...one.shape]))
    })
  const used = new Set(matched.matches.map(match => match.stored.name))
  return {
    from: Object.fromEntries(matched.matches.map(match => [match.wanted.name, match.stored.name])),
    kept: matched.misses.map(miss => miss.wanted.name),
    unused: stored.flatMap(({ name }) => (used.has(name) ? [] : name)),
  }
}

function checkMap(map: WeightMap, wanted: ReturnType<typeof wantedOf>): void {
  const known = wanted.flatMap(({ name, layer }) => [name, layer.name])
  for (const name of Object.keys(map)) {
    if (known.includes(name)) continue
    const fix = `Its keys are layers or weights of the model.${didYouMean(name, known)}`
    throw fail("BAD_VALUE", {
      where: "loadWeights",
      name: "map",
      value: `\`${name}\`, which the model does not have`,
      fix,
    })
  }
}

const shown = 12

/** A table of what is missing, and what of the file is left. */
function differ(path: string, { matches, misses }: Matched, stored: readonly Stored[]): Error {
  const width = Math.max(...misses.slice(0, shown).map(({ wanted }) => wanted.name.length))
  const rows = misses.slice(0, shown).map(({ wanted: { name, shape }, reason }) => {
    return `  ${name.padEnd(width)}  [${shape.join(", ")}]  <-  ${reason}`
  })
  const used = new Set(matches.map(match => match.stored.name))
  const left = stored.filter(({ name }) => !used.has(name))
  const rest = left.slice(0, shown).map(({ name, shape }) => `${name} [${shape.join(", ")}]`)
  return fail("WEIGHTS_DIFFER", {
    path,
    missing: misses.length,
    total: misses.length + matches.length,
    table: [...rows, ...(misses.length > shown ? [`  and ${misses.length - shown} more`] : [])].join("\n"),
    left:
      rest.length === 0 ? "" : `\nLeft in the file: ${rest.join(", ")}${left.length > shown ? " ..." : ""}.`,
    example: `${misses[0]!.wanted.layer.name}: "${left[0]?.module || "module"}"`,
  })
}
