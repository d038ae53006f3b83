// What processes exchange over the devices of a mesh that spans them: a tensor whose parts they hold, put together for each,
// and what rank 0 has, for all. Each is a small program that XLA makes the communication of; all processes run it together.

import type { DType } from "../Device.js"
import type { MeshAxes } from "../sharding.js"
import { deviceCount } from "../sharding.js"

const elementNames: Partial<Record<DType, string>> = { u8: "ui8" }

function typeText(dtype: DType, shape: readonly number[]): string {
  return `tensor<${[...shape, elementNames[dtype] ?? dtype].join("x")}>`
}

/** Takes a tensor as `cut` says, and gives it whole to each device. */
export function gatherText(dtype: DType, shape: readonly number[], cut: string, axes: MeshAxes): string {
  const type = typeText(dtype, shape)
  return program(axes, `%x: ${type} {mhlo.sharding = "${cut}"}`, type, `"func.return"(%x) : (${type}) -> ()`)
}

/** Takes a row of each device, and gives the first device's to all. */
export function firstRowText(width: number, axes: MeshAxes): string {
  const count = deviceCount(axes)
  const [rows, row] = [typeText("f32", [count, width]), typeText("f32", [1, width])]
  const slice = `%0 = "stablehlo.slice"(%x) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 1, ${width}>, strides = array<i64: 1, 1>} : (${rows}) -> ${row}`
  const cut = `{devices=[${count},1]<=[${count}]}`
  return program(
    axes,
    `%x: ${rows} {mhlo.sharding = "${cut}"}`,
    row,
    `${slice}\n    "func.return"(%0) : (${row}) -> ()`,
  )
}

function program(axes: MeshAxes, parameter: string, result: string, body: string): string {
  return `module @m attributes {mhlo.num_partitions = ${deviceCount(axes)} : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(${parameter}) -> (${result} {mhlo.sharding = "{replicated}"}) {
    ${body}
  }
}
`
}
