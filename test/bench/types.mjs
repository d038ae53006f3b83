// `npm run bench:types`: how long the compiler needs for thirty chained steps on a hundred columns (aim: within a second),
// five times, and how many types it makes.
import { createServer } from "vite"

const server = await createServer({
  root: new URL("..", import.meta.url).pathname,
  logLevel: "error",
  server: { middlewareMode: true },
  appType: "custom",
})
const { checkCost, longChain } = await server.ssrLoadModule("/frame/compile.ts")
const costs = Array.from({ length: 5 }, () => checkCost(...longChain()))
const times = costs.map(({ ms }) => ms).sort((a, b) => a - b)
console.log(
  `30 steps on 100 columns: first ${costs[0].ms.toFixed(0)} ms, median ${times[2].toFixed(0)} ms, ${costs[0].instantiations.toLocaleString("en")} instantiations`,
)
await server.close()
