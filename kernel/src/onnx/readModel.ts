// The bytes of an .onnx file to plain data: nodes, constants and the border of the graph. Nothing is judged here but that
// it is ONNX: which operators there are is the reader's business. Weights beside the file (external data) are given along.

import { fromBinary } from "@bufbuild/protobuf"
import {
  brainToFloat,
  decodeElements,
  type Elements,
  halfToFloat,
  isFloat,
  type StoredType,
} from "./elements.js"
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
} from "./gen/onnx_pb.js"

/** What TensorFlow.js has, and texts. */
export type ReadType = "float32" | "int32" | "bool" | "string"

export interface ReadTensor {
  readonly name: string
  readonly type: ReadType
  readonly shape: readonly number[]
  readonly data: Elements | readonly string[]
  /** As the file has it: what quantised operators saturate at. */
  readonly stored?: StoredType
}

export type ReadAttribute = number | string | readonly number[] | readonly string[] | ReadTensor | ReadBody

export interface ReadNode {
  /** With its domain before it where that is not ONNX's own: `com.microsoft.Gelu`. */
  readonly op: string
  readonly name: string
  /** An empty name is an optional input that is not given. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, ReadAttribute>>
}

export interface ReadValue {
  readonly name: string
  readonly type: ReadType
  /** A text or undefined is a length that only a run decides; no shape at all where the file tells none. */
  readonly shape: readonly (number | string | undefined)[] | undefined
}

/** Nodes with a border: a graph, or a branch or the body of a loop within one. */
export interface ReadBody {
  readonly nodes: readonly ReadNode[]
  /** Without the ones that have a constant for a default. */
  readonly inputs: readonly ReadValue[]
  readonly outputs: readonly ReadValue[]
  readonly constants: ReadonlyMap<string, ReadTensor>
}

export interface ReadGraph extends ReadBody {
  readonly name: string
  readonly producer: string
  /** Version of ONNX's own operators. */
  readonly operatorSet: number
}

/** Says what is wrong with the file, as the error to throw. */
export type Complain = (problem: string) => Error

/** The message as it is; undefined when the bytes are no ONNX model. */
export function parseModel(bytes: Uint8Array): ModelProto | undefined {
  try {
    const model = fromBinary(ModelProtoSchema, bytes)
    return model.graph === undefined || model.graph.node.length === 0 ? undefined : model
  } catch {
    return undefined
  }
}

/** Names of the files, in the model's folder, that hold weights. */
export function externalFiles(model: ModelProto): readonly string[] {
  const outside = (model.graph?.initializer ?? []).filter(isExternal)
  return [...new Set(outside.map(tensor => externalEntry(tensor, "location") ?? ""))]
}

export function readGraph(
  { graph, opsetImport, producerName }: ModelProto,
  files: ReadonlyMap<string, Uint8Array>,
  complain: Complain,
): ReadGraph {
  const own = opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")
  return {
    name: graph!.name,
    producer: producerName,
    operatorSet: Number(own?.version ?? 1n),
    ...readBody(graph!, files, complain),
  }
}

function readBody(graph: GraphProto, files: ReadonlyMap<string, Uint8Array>, complain: Complain): ReadBody {
  const constants = new Map(
    graph.initializer.map(tensor => [tensor.name, readTensor(tensor, files, complain)]),
  )
  return {
    constants,
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map(readValue),
    outputs: graph.output.map(readValue),
    nodes: graph.node.map(node => ({
      op: node.domain === "" || node.domain === "ai.onnx" ? node.opType : `${node.domain}.${node.opType}`,
      name: node.name,
      inputs: node.input,
      outputs: node.output,
      attributes: Object.fromEntries(
        node.attribute.map(attribute => [attribute.name, readAttribute(attribute, files, complain)]),
      ),
    })),
  }
}

/** One tensor of a file of its own, as ONNX's test cases have them. */
export function readTensorFile(bytes: Uint8Array, complain: Complain): ReadTensor {
  return readTensor(fromBinary(TensorProtoSchema, bytes), new Map(), complain)
}

function readAttribute(
  attribute: AttributeProto,
  files: ReadonlyMap<string, Uint8Array>,
  complain: Complain,
): ReadAttribute {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  switch (attribute.type) {
    case AttributeType.FLOAT:
      return attribute.f
    case AttributeType.INT:
      return Number(attribute.i)
    case AttributeType.STRING:
      return text(attribute.s)
    case AttributeType.FLOATS:
      return attribute.floats
    case AttributeType.INTS:
      return attribute.ints.map(Number)
    case AttributeType.STRINGS:
      return attribute.strings.map(text)
    case AttributeType.TENSOR:
      return readTensor(attribute.t!, files, complain)
    case AttributeType.GRAPH:
      return readBody(attribute.g!, files, complain)
    default:
      throw complain(`attribute \`${attribute.name}\` is of type ${AttributeType[attribute.type]}`)
  }
}

function readValue({ name, type }: ValueInfoProto): ReadValue {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined
  const shape = tensor?.shape?.dim.map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : value.case === "dimParam" ? value.value : undefined,
  )
  return { name, type: readType(tensor?.elemType ?? DataType.FLOAT), shape }
}

const storedTypes: Readonly<Partial<Record<DataType, StoredType>>> = {
  [DataType.FLOAT]: "F32",
  [DataType.DOUBLE]: "F64",
  [DataType.FLOAT16]: "F16",
  [DataType.BFLOAT16]: "BF16",
  [DataType.INT64]: "I64",
  [DataType.INT32]: "I32",
  [DataType.INT16]: "I16",
  [DataType.INT8]: "I8",
  [DataType.UINT64]: "U64",
  [DataType.UINT32]: "U32",
  [DataType.UINT16]: "U16",
  [DataType.UINT8]: "U8",
  [DataType.BOOL]: "BOOL",
  [DataType.INT4]: "I4",
  [DataType.UINT4]: "U4",
}

/** As the file stores ONNX's number of a type; undefined for what is not read. */
export function storedType(type: number): StoredType | undefined {
  return storedTypes[type as DataType]
}

/** The type of ONNX's number for one, as computed with here. */
export function readType(type: DataType): ReadType {
  if (type === DataType.STRING) return "string"
  const stored = storedTypes[type]
  if (stored === "BOOL") return "bool"
  return stored === undefined || isFloat(stored) ? "float32" : "int32"
}

function readTensor(
  tensor: TensorProto,
  files: ReadonlyMap<string, Uint8Array>,
  complain: Complain,
): ReadTensor {
  const { name } = tensor
  const shape = tensor.dims.map(Number)
  if (tensor.dataType === DataType.STRING)
    return {
      name,
      type: "string",
      shape,
      data: tensor.stringData.map(text => new TextDecoder().decode(text)),
    }
  const stored = storedTypes[tensor.dataType as DataType]
  if (stored === undefined) {
    const type = DataType[tensor.dataType] ?? tensor.dataType
    throw complain(
      `tensor \`${name}\` is of type ${type}, and known are ${Object.values(storedTypes).join(", ")}`,
    )
  }
  const size = shape.reduce((product, length) => product * length, 1)
  const elements = elementsOf(tensor, stored, files, complain)
  // Two of four bits share a byte, of which the last may be half full.
  const data = stored.endsWith("4") && elements.length === size + 1 ? elements.subarray(0, size) : elements
  if (data.length !== size)
    throw complain(
      `tensor \`${name}\` has ${data.length} elements, and its shape [${shape.join(", ")}] ${size}`,
    )
  return { name, type: readType(tensor.dataType), shape, data, stored }
}

function elementsOf(
  tensor: TensorProto,
  stored: StoredType,
  files: ReadonlyMap<string, Uint8Array>,
  complain: Complain,
): Elements {
  if (isExternal(tensor)) return decodeElements(stored, externalBytes(tensor, files, complain))
  if (tensor.rawData.length > 0) return decodeElements(stored, tensor.rawData)
  // The narrow types are kept, one a number, among the 32-bit ones: half floats as their bits.
  const narrow = tensor.int32Data
  if (stored === "F16") return Float32Array.from(narrow, halfToFloat)
  if (stored === "BF16") return brainToFloat(Uint16Array.from(narrow))
  if (stored === "F32") return Float32Array.from(tensor.floatData)
  if (stored === "F64") return Float32Array.from(tensor.doubleData)
  if (stored === "BOOL") return Uint8Array.from(narrow)
  if (stored === "I4" || stored === "U4") return decodeElements(stored, Uint8Array.from(narrow))
  if (stored === "I64") return Float64Array.from(tensor.int64Data, Number)
  if (stored === "U64" || stored === "U32") return Float64Array.from(tensor.uint64Data, Number)
  return Float64Array.from(narrow)
}

function isExternal({ dataLocation }: TensorProto): boolean {
  return dataLocation === DataLocation.EXTERNAL
}

function externalEntry({ externalData }: TensorProto, key: string): string | undefined {
  return externalData.find(entry => entry.key === key)?.value
}

function externalBytes(
  tensor: TensorProto,
  files: ReadonlyMap<string, Uint8Array>,
  complain: Complain,
): Uint8Array {
  const location = externalEntry(tensor, "location") ?? ""
  const file = files.get(location)
  if (file === undefined)
    throw complain(`tensor \`${tensor.name}\` is in \`${location}\`, which was not given`)
  const offset = Number(externalEntry(tensor, "offset") ?? 0)
  const length = Number(externalEntry(tensor, "length") ?? file.length - offset)
  if (offset + length > file.length) throw complain(`\`${location}\` ends before tensor \`${tensor.name}\``)
  return file.subarray(offset, offset + length)
}
