// One process of a launch that does what its argument says with keys and values, and prints what came of it.
import { World } from "../../../../kernel/lib/device/world/World.js"

const [what] = process.argv.slice(2)
const text = value => new TextDecoder().decode(value)
const tell = told => console.log(JSON.stringify(told))

try {
  const world = World.here()
  await world.joinAsync()
  const { rank, size } = world.place
  if (what === "exchange") {
    world.put(`from/${rank}`, new TextEncoder().encode(`hello of ${rank}`))
    const all = Array.from({ length: size }, (_, i) => text(world.get(`from/${i}`, 60_000)))
    world.barrier("all read", 60_000)
    tell({ rank, all })
  } else if (what === "dies") {
    world.barrier("before", 60_000)
    if (rank === 1) process.kill(process.pid, "SIGKILL")
    world.get("what rank 1 never gives", 600_000)
  }
} catch (error) {
  tell({ code: error.code, message: error.message })
}
