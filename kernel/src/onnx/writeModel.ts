// A graph to the bytes of an .onnx file. The message types are generated from ONNX's own schema (gen/); here is only what
// they are filled with.

import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf"
import type { Attribute, Constant, ConstantData, Graph, GraphValue } from "./Graph.js"
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "./gen/onnx_pb.js"

/**
 * The oldest versions that have everything written here (LayerNormalization came with operator set 17), so that older
 * runtimes read the files too. A format that needs more, such as int4 (21), raises both.
 */
const operatorSet = 17
const formatVersion = 8

export function writeModel(graph: Graph): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(formatVersion),
    producerName: "shardlab",
    opsetImport: [{ domain: "", version: BigInt(operatorSet) }],
    graph: {
      name: graph.name,
      node: graph.nodes.map(({ op, name, inputs, output, attributes }) => ({
        opType: op,
        name,
        input: [...inputs],
        output: [output],
        attribute: Object.entries(attributes).map(([key, value]) => attributeMessage(key, value)),
      })),
      initializer: [...graph.constants].map(([name, constant]) => tensorMessage(name, constant)),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
    },
  })
  return toBinary(ModelProtoSchema, model)
}

function attributeMessage(name: string, value: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  if ("int" in value) return { name, type: AttributeType.INT, i: BigInt(value.int) }
  if ("ints" in value) return { name, type: AttributeType.INTS, ints: value.ints.map(BigInt) }
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float }
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value.text) }
}

/** ONNX wants little-endian bytes, which is what every platform that onnxruntime-node runs on has in memory. */
function tensorMessage(name: string, { shape, data }: Constant): MessageInitShape<typeof TensorProtoSchema> {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, dims: shape.map(BigInt), dataType: elementType(data), rawData }
}

function elementType(data: ConstantData): DataType {
  if (data instanceof Float32Array) return DataType.FLOAT
  if (data instanceof Int8Array) return DataType.INT8
  if (data instanceof Uint8Array) return DataType.UINT8
  if (data instanceof Int32Array) return DataType.INT32
  return DataType.INT64
}

function valueMessage({ name, shape }: GraphValue): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape?.map(length =>
    typeof length === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(length) } }
      : { value: { case: "dimParam" as const, value: length } },
  )
  const tensorType = { elemType: DataType.FLOAT, ...(dim === undefined ? {} : { shape: { dim } }) }
  return { name, type: { value: { case: "tensorType", value: tensorType } } }
}
