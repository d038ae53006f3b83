// One of several processes that share the devices of one client: what it sees of them, and what it computes with the others.
import { openDevice } from "../../../../kernel/lib/device/openDevice.js"
import { Sharding } from "../../../../kernel/lib/device/sharding.js"

const tell = told => console.log(JSON.stringify(told))
try {
  const device = await openDevice()
  const { id, count, span } = device
  const alone = device.compile(`module @m { func.func public @main(%x: tensor<2xf32>) -> tensor<2xf32> {
    %0 = "stablehlo.add"(%x, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "func.return"(%0) : (tensor<2xf32>) -> ()
  } }`)
  const own = device.upload(Float32Array.of(1 + span.rank, 2), "f32", [2])
  const doubled = [...alone.run([own])[0].read()]

  const axes = { data: count }
  const mesh = device.mesh(axes)
  const rows = new Sharding(axes, ["data"])
  const shape = [2 * count, 3]
  const data = Float32Array.from({ length: 6 * count }, (_, i) => i)
  const cut = mesh.upload(data, "f32", shape, rows)
  const type = `tensor<${shape.join("x")}xf32>`
  const sums = mesh.compile(
    `module @m attributes {mhlo.num_partitions = ${count} : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%x: ${type} {mhlo.sharding = "${rows.text(2)}"}) -> (${type} {mhlo.sharding = "${rows.text(2)}"}, tensor<3xf32> {mhlo.sharding = "{replicated}"}) {
    %0 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %1 = "stablehlo.reduce"(%x, %0) ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %2 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%2) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0>} : (${type}, tensor<f32>) -> tensor<3xf32>
    %3 = "stablehlo.negate"(%x) : (${type}) -> ${type}
    "func.return"(%3, %1) : (${type}, tensor<3xf32>) -> ()
  }
}
`,
    [rows],
  )
  const [negated, sum] = sums.run([cut])
  const values = Float32Array.of(10 + span.rank, 20 + span.rank)
  mesh.broadcast(values)
  let refused
  try {
    device.mesh({ data: count - 1 })
  } catch (error) {
    refused = error.code
  }
  tell({
    id,
    count,
    rank: span.rank,
    processes: span.processes,
    ids: span.ids,
    places: mesh.ownPlaces,
    siblings: device.siblings().map(sibling => sibling.id),
    doubled,
    perDevice: mesh.memoryOfEach().length,
    whole: Buffer.from(cut.read().buffer).equals(Buffer.from(data.buffer)),
    negated: [...(await negated.readAsync())].every((value, i) => value === -data[i]),
    sum: [...sum.read()],
    first: [...values],
    refused,
  })
} catch (error) {
  tell({ code: error.code, message: error.message })
}
