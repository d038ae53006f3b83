// An ONNX graph as plain data: what the export makes, the quantiser rewrites and the writer turns into a file. A rewrite
// returns a new graph and never changes one. Not checked here: onnxruntime checks a file when it opens it.

/** The element type of a constant is that of its array. */
export type ConstantData = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array

export interface Constant {
  readonly shape: readonly number[]
  readonly data: ConstantData
}

/** ONNX keeps whole and broken numbers apart, which a JavaScript number does not tell. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly text: string }

export interface GraphNode {
  readonly op: string
  /** Unique; begins with the path of the layer it came from. */
  readonly name: string
  /** Names of tensors or constants. */
  readonly inputs: readonly string[]
  /** One: no operation used here has more. */
  readonly output: string
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A float32 tensor at the border of the graph. */
export interface GraphValue {
  readonly name: string
  /** A text is a length that only a run decides, such as `batch`. Left out where nobody asks. */
  readonly shape?: readonly (number | string)[]
}

export interface Graph {
  readonly name: string
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
  /** Each after the nodes whose outputs it reads. */
  readonly nodes: readonly GraphNode[]
  readonly constants: ReadonlyMap<string, Constant>
}

/** Who makes and who reads each tensor of a graph. */
export interface Links {
  maker(tensor: string): GraphNode | undefined
  readers(tensor: string): readonly GraphNode[]
  /** True when the tensor is read once, by a node: nobody else would miss it. */
  isPrivate(tensor: string): boolean
}

export function linksOf({ nodes, outputs }: Graph): Links {
  const makers = new Map(nodes.map(node => [node.output, node]))
  const readers = new Map<string, GraphNode[]>()
  for (const node of nodes)
    for (const input of node.inputs) {
      const known = readers.get(input)
      if (known === undefined) readers.set(input, [node])
      else known.push(node)
    }
  const shown = new Set(outputs.map(output => output.name))
  const readersOf = (tensor: string) => readers.get(tensor) ?? []
  return {
    maker: tensor => makers.get(tensor),
    readers: readersOf,
    isPrivate: tensor => readersOf(tensor).length === 1 && !shown.has(tensor),
  }
}

/** The graph without the constants that no node reads any more. */
export function withoutUnused(graph: Graph): Graph {
  const used = new Set(graph.nodes.flatMap(node => node.inputs))
  return { ...graph, constants: new Map([...graph.constants].filter(([name]) => used.has(name))) }
}
