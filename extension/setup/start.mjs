// `npm start`: setup, then JupyterLab on notebooks/ at a loopback port. Not the kernel: JupyterLab starts that from the
// kernelspec in .venv. Options: --port N (8888), --no-browser.
import { spawn } from "node:child_process"
import { mkdirSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { portProblem } from "./checks.mjs"
import { reportProblems, root, SetupProblem, setup, stopOn } from "./setup.mjs"

await reportProblems(async () => {
  const { port, browser } = options(process.argv.slice(2))
  stopOn(portProblem(port, await isFree(port)))
  await setup()
  startJupyter(port, browser)
})

function options(args) {
  const at = args.indexOf("--port")
  const port = at < 0 ? 8888 : Number(args[at + 1])
  const unknown = args.find(
    (arg, i) => arg !== "--port" && arg !== "--no-browser" && !(at >= 0 && i === at + 1),
  )
  if (unknown !== undefined)
    throw new SetupProblem(`npm start has no option \`${unknown}\`. Known options: --port N, --no-browser.`)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new SetupProblem(`--port wants a number from 1 to 65535, not \`${args[at + 1]}\`.`)
  return { port, browser: !args.includes("--no-browser") }
}

function isFree(port) {
  return new Promise(done => {
    const server = createServer()
    server.once("error", () => done(false))
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)))
  })
}

function startJupyter(port, browser) {
  const state = join(root, ".shardlab/jupyter")
  for (const folder of ["config", "data", "runtime"]) mkdirSync(join(state, folder), { recursive: true })
  const args = [
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.root_dir=${join(root, "notebooks")}`,
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    ...(browser ? [] : ["--no-browser"]),
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
  ]
  const env = {
    ...process.env,
    JUPYTER_CONFIG_DIR: join(state, "config"),
    JUPYTER_DATA_DIR: join(state, "data"),
    JUPYTER_RUNTIME_DIR: join(state, "runtime"),
    VIRTUAL_ENV: join(root, ".venv"),
  }
  const lab = spawn(join(root, ".venv/bin/jupyter-lab"), args, { cwd: root, stdio: "inherit", env })
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => lab.kill(signal))
  lab.on("exit", code => process.exit(code ?? 0))
}
