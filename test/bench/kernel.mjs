// npm run bench:kernel: our kernel beside tslab and ipykernel, all real, one run, taking turns. A client on raw ZeroMQ
// measures from its own side: from the spawn or the send to the reply (and, for warm cells, the idle status).
//
//   node test/bench/kernel.mjs [rounds]      default 5

import { readdirSync, readFileSync } from "node:fs"
import { cpus } from "node:os"
import { KernelClient, shardlabArgv } from "../services/kernelClient.mjs"

const root = new URL("../..", import.meta.url).pathname
const rounds = Number(process.argv[2] ?? 5)
const warmCells = 100
/** A kernel that has not answered by then gets no figure, and the bench goes on. */
const patienceMs = 20_000

const kernels = [
  { name: "shardlab", argv: shardlabArgv, interrupt: byMessage },
  {
    name: "tslab",
    argv: [
      process.execPath,
      `${root}node_modules/tslab/bin/tslab`,
      "kernel",
      "--config-path={connection_file}",
    ],
    interrupt: bySignal,
  },
  {
    name: "ipykernel",
    argv: [`${root}.venv/bin/python`, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    interrupt: bySignal,
    loop: "while True: pass",
  },
]

const figures = new Map(kernels.map(({ name }) => [name, { first: [], memory: [], warm: [], interrupt: [] }]))
for (let round = 0; round < rounds; round++) {
  for (const kernel of kernels) await measure(kernel, figures.get(kernel.name))
}
print()

async function measure(
  { argv, interrupt, loop = "while (true) {}" },
  { first, memory, warm, interrupt: stops },
) {
  const client = await KernelClient.start({ argv, cwd: root })
  await answered(client.request("shell", "execute_request", executeContent("1 + 1")))
  first.push(performance.now() - client.started)
  memory.push(treeMemory(client.process.pid) / 1e6)
  await client.ready()
  for (let i = 0; i < warmCells && warm.at(-1) !== patienceMs; i++)
    warm.push((await answered(client.execute("1 + 1")))?.ms ?? patienceMs)
  const running = client.request("shell", "execute_request", executeContent(loop))
  await new Promise(resolve => setTimeout(resolve, 300))
  const asked = performance.now()
  interrupt(client)
  await answered(running)
  stops.push(performance.now() - asked)
  await client.stop()
}

function answered(reply) {
  return Promise.race([reply, new Promise(done => setTimeout(done, patienceMs).unref())])
}

function executeContent(code) {
  return {
    code,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  }
}

function byMessage(client) {
  client.send("control", "interrupt_request", {})
}

function bySignal(client) {
  client.process.kill("SIGINT")
}

/** Proportional set size of a process and all below it: pages that they share are counted once. */
function treeMemory(root) {
  const parents = new Map()
  for (const pid of readdirSync("/proc").filter(name => /^\d+$/.test(name))) {
    const stat = readOrEmpty(`/proc/${pid}/stat`)
    parents.set(Number(pid), Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]))
  }
  let bytes = 0
  const tree = [root]
  for (const pid of tree) {
    bytes += 1024 * Number(/^Pss: +(\d+)/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
    for (const [child, parent] of parents) if (parent === pid) tree.push(child)
  }
  return bytes
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

function print() {
  const rows = [
    ["spawn to first `1 + 1`, ms: median (min-max)", "first", spread],
    ["warm `1 + 1`, ms: p50 / p95", "warm", list => `${at(list, 0.5)} / ${at(list, 0.95)}`],
    ["memory after the first cell, MB (PSS, all processes)", "memory", spread],
    ["interrupt of `while (true) {}`, ms: median (min-max)", "interrupt", spread],
  ]
  console.log(
    `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, ${rounds} rounds, ${warmCells} warm cells each\n`,
  )
  console.log(
    `| | ${kernels.map(({ name }) => name).join(" | ")} |\n|---|${kernels.map(() => "---|").join("")}`,
  )
  for (const [title, key, show] of rows) {
    console.log(`| ${title} | ${kernels.map(({ name }) => show(figures.get(name)[key])).join(" | ")} |`)
  }
}

function spread(list) {
  return `${at(list, 0.5)} (${at(list, 0)}-${at(list, 1)})`
}

function at(list, share) {
  const sorted = [...list].sort((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  if (value >= patienceMs) return "no answer"
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}
