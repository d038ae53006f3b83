// A device without room, and one that is lost in the middle of a step: doubles that refuse, under the real tfjs.
import { beforeEach, expect, test } from "vitest"
import type { Device, DeviceBuffer, Executable, HostArray } from "../../kernel/src/device/Device.js"
import { NullDevice } from "../../kernel/src/device/nullDevice.js"
import { fail, type ShardlabError } from "../../kernel/src/errors.js"
import { activeXla, installXla } from "../../kernel/src/train/install.js"
import { loadTf } from "../../kernel/src/train/tf.js"

/** Refuses what would take it above a limit, counts how often it was asked to make room, and fails a run on demand. */
class SmallDevice extends NullDevice {
  limit = Number.POSITIVE_INFINITY
  /** Bytes that garbage holds until it is swept. */
  garbage = 0
  sweeps = 0
  failNextRun: ShardlabError | undefined

  override compile(stablehlo: string): Executable {
    const executable = super.compile(stablehlo)
    return {
      ...executable,
      free: executable.free,
      run: (inputs, donated) => {
        const failure = this.failNextRun
        this.failNextRun = undefined
        if (failure !== undefined) throw failure
        this.refuse(0, "running a program")
        return executable.run(inputs, donated)
      },
    }
  }

  override upload(data: HostArray, dtype: DeviceBuffer["dtype"], shape: readonly number[]): DeviceBuffer {
    this.refuse(data.byteLength, "uploading an array")
    return super.upload(data, dtype, shape)
  }

  sweep(): void {
    this.sweeps++
    this.garbage = 0
  }

  private refuse(bytes: number, doing: string): void {
    const used = this.memory().used + this.garbage + bytes
    if (used <= this.limit) return
    throw fail("DEVICE_MEMORY", {
      device: "small",
      doing,
      used: `${used}`,
      limit: `${this.limit}`,
      largest: "",
    })
  }
}

const device = new SmallDevice()
const tf = loadTf()
installXla(tf, device as unknown as Device)

beforeEach(() => {
  device.limit = Number.POSITIVE_INFINITY
  device.garbage = 0
  device.sweeps = 0
})

function model() {
  const net = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], name: "wide" })] })
  net.compile({ optimizer: tf.train.adam(), loss: "meanSquaredError" })
  return net
}

test("what is dead makes room for one more try", () => {
  const x = tf.tensor1d(Array.from({ length: 1000 }, (_, i) => i))
  device.limit = 10_000
  device.garbage = 9_000
  expect(x.add(1).dataSync()).toHaveLength(1000)
  expect(device.sweeps).toBe(1)
})

test("without room the error names the largest, a variable by its name, and what to do", () => {
  const kernel = tf.variable(tf.ones([40, 50]), true, "embedding/kernel")
  const x = tf.tensor2d(
    Array.from({ length: 500 }, (_, i) => i),
    [10, 50],
  )
  kernel.add(1).dataSync()
  device.limit = 0
  let told: ShardlabError | undefined
  try {
    x.add(1).dataSync()
  } catch (error) {
    told = error as ShardlabError
  }
  expect(device.sweeps).toBe(1)
  expect(told).toMatchObject({ code: "DEVICE_MEMORY" })
  expect(told!.message).toMatch(
    /The largest of \d+ tensors that live there \([\d.]+ KiB\): embedding\/kernel \[40,50\] f32 7\.8 KiB/,
  )
  expect(told!.hint).toContain("smaller batch")
  device.limit = Number.POSITIVE_INFINITY
  expect(x.add(1).dataSync()).toHaveLength(500)
})

test("a step that fails leaves weights, slots and the step count as they were, and the next one goes on", async () => {
  const net = model()
  const [x, y] = [tf.ones([8, 4]), tf.zeros([8, 3])]
  const before = net.getWeights().map(w => Array.from(w.dataSync()))
  const lost = { device: "small", doing: "running a program", message: "CUDA_ERROR_ECC_UNCORRECTABLE" }
  // The first step, which makes the optimizer's slots; then a recorded one; then captured ones.
  for (const round of [0, 1, 2, 3]) {
    const { iterations } = net.optimizer as unknown as { iterations: number }
    const slots = () => Object.keys(tf.engine().registeredVariables).length
    activeXla(tf)!.cut()
    device.failNextRun = fail("DEVICE_LOST", lost)
    await expect(net.trainOnBatch(x, y), `round ${round}`).rejects.toThrow(/small failed while running/)
    expect((net.optimizer as unknown as { iterations: number }).iterations).toBe(iterations)
    expect(net.getWeights().map(w => w.dataSync().length)).toEqual(before.map(w => w.length))
    const count = slots()
    await net.trainOnBatch(x, y)
    expect(slots()).toBe(count)
  }
})
