// Einstein sums of one or two tensors: axes that one tensor alone has and the result has not are summed first, then one
// contraction and one permutation. tfjs multiplies broadcast tensors instead, which attention cannot afford.

import { convert, dotGeneral, reduce, transpose } from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { Tf } from "../tf.js"
import type { KernelTable } from "./table.js"

/** A tensor whose axes are named by numbers. */
interface Named {
  readonly node: Node
  readonly names: readonly number[]
}

interface Decoded {
  readonly allDims: readonly string[]
  readonly summedDims: readonly number[]
  readonly idDims: readonly (readonly number[])[]
}

function sumOver({ node, names }: Named, gone: (name: number) => boolean): Named {
  const axes = names.flatMap((name, axis) => (gone(name) ? [axis] : []))
  return { node: reduce("add", node, axes), names: names.filter(name => !gone(name)) }
}

function contracted(a: Named, b: Named, kept: (name: number) => boolean): Named {
  const left = sumOver(a, name => !kept(name) && !b.names.includes(name))
  const right = sumOver(b, name => !kept(name) && !a.names.includes(name))
  const shared = left.names.filter(name => right.names.includes(name))
  const places = (names: readonly number[]) =>
    [names.map(name => left.names.indexOf(name)), names.map(name => right.names.indexOf(name))] as const
  const batch = shared.filter(kept)
  const free = (side: Named) => side.names.filter(name => !shared.includes(name))
  return {
    node: dotGeneral(left.node, right.node, {
      batch: places(batch),
      contract: places(shared.filter(name => !kept(name))),
    }),
    names: [...batch, ...free(left), ...free(right)],
  }
}

export function einsumKernels(tf: Tf): KernelTable {
  const util = tf.backend_util
  return {
    Einsum(inputs: Record<string, Node>, { equation }: { equation: string }) {
      const nodes = Object.values(inputs).map(node =>
        node.type.dtype === "i1" ? convert(node, "i32") : node,
      )
      const decoded: Decoded = util.decodeEinsumEquation(equation, nodes.length)
      const { allDims, summedDims, idDims } = decoded
      const shapes = nodes.map(node => ({ shape: [...node.type.shape] }))
      util.checkEinsumDimSizes(allDims.length, idDims as number[][], shapes as never)
      // tfjs numbers the result's axes first, in their order there.
      const kept = (name: number) => name < allDims.length - summedDims.length
      const [first, second] = nodes.map((node, i): Named => ({ node, names: idDims[i]! }))
      const result =
        second === undefined ? sumOver(first!, name => !kept(name)) : contracted(first!, second, kept)
      const order = result.names.map((_, axis) => result.names.indexOf(axis))
      return transpose(result.node, order)
    },
  }
}
