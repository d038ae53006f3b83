// How StableHLO text spells types, numbers, attributes and calls. Nothing here knows an operation.

import { type DType, isFloat, type TensorType } from "./types.js"

const elementText: Record<DType, string> = {
  f32: "f32",
  i32: "i32",
  i1: "i1",
  u8: "ui8",
  f64: "f64",
  i64: "i64",
  bf16: "bf16",
  f16: "f16",
}

/** `tensor<128x10xf32>` */
export function tensorText(type: TensorType): string {
  return `tensor<${type.shape.map(size => `${size}x`).join("")}${elementText[type.dtype]}>`
}

export function numberText(value: number, dtype: DType): string {
  if (dtype === "i1") return value === 0 ? "false" : "true"
  if (!isFloat(dtype)) return String(Math.trunc(value))
  if (!Number.isFinite(value)) return nonFinite(value, dtype)
  const text = (dtype === "f32" ? Math.fround(value) : value).toExponential()
  const signed = Object.is(value, -0) ? `-${text}` : text
  return signed.includes(".") ? signed : signed.replace("e", ".0e")
}

/** MLIR takes NaN and infinities only as bits. */
function nonFinite(value: number, dtype: DType): string {
  const bits = {
    f32: ["0x7FC00000", "0x7F800000", "0xFF800000"],
    f16: ["0x7E00", "0x7C00", "0xFC00"],
    bf16: ["0x7FC0", "0x7F80", "0xFF80"],
    f64: ["0x7FF8000000000000", "0x7FF0000000000000", "0xFFF0000000000000"],
  }[dtype as "f32" | "f16" | "bf16" | "f64"]
  return Number.isNaN(value) ? bits[0]! : value > 0 ? bits[1]! : bits[2]!
}

export function i64s(values: readonly number[]): string {
  return values.length === 0 ? "array<i64>" : `array<i64: ${values.join(", ")}>`
}

export function paddingText(padding: readonly (readonly [number, number])[]): string {
  const rows = padding.map(([low, high]) => `[${low}, ${high}]`).join(", ")
  return `dense<[${rows}]> : tensor<${padding.length}x2xi64>`
}

export interface Call {
  /** With its dialect: `stablehlo.add`. */
  readonly op: string
  readonly inputs: readonly string[]
  readonly types: readonly TensorType[]
  readonly attrs?: Readonly<Record<string, string>>
  /** Bodies, each the lines of one block. */
  readonly regions?: readonly (readonly string[])[]
}

/** `"stablehlo.add"(%0, %1) {attrs} : (tensor<..>, tensor<..>) -> tensor<..>` */
export function callText(call: Call, results: readonly TensorType[]): string {
  const regions = (call.regions ?? []).map(lines => `{\n      ${lines.join("\n      ")}\n    }`)
  const attrs = Object.entries(call.attrs ?? {}).map(([name, text]) => `${name} = ${text}`)
  const types = call.types.map(tensorText).join(", ")
  const out = results.map(tensorText).join(", ")
  return [
    `"${call.op}"(${call.inputs.join(", ")})`,
    regions.length > 0 ? ` (${regions.join(", ")})` : "",
    attrs.length > 0 ? ` {${attrs.join(", ")}}` : "",
    ` : (${types}) -> ${results.length === 1 ? out : `(${out})`}`,
  ].join("")
}
