// `npm run setup`: brings a clean clone to the point where JupyterLab and the tests can start, and skips what is current.
// Plain Node without packages, because none is installed yet. Each step stamps .shardlab/setup.json with the hash of what
// it was made from, after it succeeded; so an interrupted run goes on where it stopped.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { folderProblem, installProblem, nodeProblem, pythonProblem } from "./checks.mjs"

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")
const stampFile = join(root, ".shardlab/setup.json")
const venv = join(root, ".venv")
const tsc = "node_modules/typescript/lib/tsc.js"

/** In order: each step with the files it is made from, what must exist for it to be current, and how to make it. */
const steps = [
  {
    name: "packages",
    from: ["package-lock.json"],
    makes: ["node_modules/.package-lock.json"],
    run: installPackages,
  },
  {
    name: "kernel",
    from: ["kernel/src", "kernel/tsconfig.json", "kernel/copyPython.mjs", "package-lock.json"],
    makes: ["kernel/lib/main.js", "kernel/lib/engine/dask/worker/shardlab_dask/__main__.py"],
    run: buildKernel,
  },
  {
    name: "python",
    from: ["extension/setup/requirements.txt"],
    makes: [".venv/bin/jupyter-lab"],
    run: installPython,
  },
  {
    name: "extension",
    from: [
      "extension/src",
      "extension/style",
      "extension/schema",
      "extension/package.json",
      "extension/tsconfig.json",
      "package-lock.json",
    ],
    makes: ["extension/shardlab/labextension/package.json"],
    run: buildExtension,
  },
  {
    name: "wheel",
    from: ["extension/shardlab", "extension/pyproject.toml", "extension/setup/requirements.txt"],
    makes: [".venv/share/jupyter/labextensions/@shardlab/extension/package.json"],
    run: installWheel,
  },
  {
    name: "kernelspec",
    from: ["kernel/src/main.ts", "extension/setup/setup.mjs"],
    makes: [".venv/share/jupyter/kernels/shardlab/kernel.json"],
    run: () => node("kernel/lib/main.js", "install", "--prefix", venv),
  },
]

/** Runs every step that is not current. Throws a SetupProblem with one clear sentence. */
export async function setup(say = line => console.log(line)) {
  stopOn(nodeProblem(process.versions.node))
  stopOn(folderProblem(root, isWritable(root)))
  stopOn(pythonProblem(probePython()))
  for (const step of steps) {
    const hash = hashOf(step.from)
    if (stamps()[step.name] === hash && step.makes.every(path => existsSync(join(root, path)))) continue
    const start = Date.now()
    say(`setup: ${step.name} ...`)
    await step.run()
    stamp(step.name, hashOf(step.from))
    say(`setup: ${step.name} done in ${((Date.now() - start) / 1000).toFixed(1)} s`)
  }
}

export class SetupProblem extends Error {}

/** Runs `work` and turns a SetupProblem into one line on stdout and exit code 1. */
export async function reportProblems(work) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error
    console.log(`shardlab: ${error.message}`)
    process.exitCode = 1
  }
}

export function stopOn(problem) {
  if (problem !== undefined) throw new SetupProblem(problem)
}

// --- the steps
async function installPackages() {
  await run("npm", ["ci", "--no-audit", "--no-fund"], "npm")
}

async function buildKernel() {
  await node(tsc, "-b", "kernel")
  await node("kernel/copyPython.mjs")
}

async function installPython() {
  if (!existsSync(join(venv, "bin/python"))) await run("python3", ["-m", "venv", venv])
  await run(
    join(venv, "bin/python"),
    ["-m", "pip", "install", "--quiet", "-r", "extension/setup/requirements.txt"],
    "pip",
  )
}

async function buildExtension() {
  await node(tsc, "-b", "extension")
  await node("extension/setup/labextension.mjs")
}

async function installWheel() {
  const python = join(venv, "bin/python")
  await run(
    python,
    [
      "-m",
      "pip",
      "wheel",
      "--quiet",
      "--no-deps",
      "--no-build-isolation",
      "-w",
      "extension/dist",
      "./extension",
    ],
    "pip",
  )
  const wheels = readdirSync(join(root, "extension/dist")).filter(name => name.endsWith(".whl"))
  await run(
    python,
    ["-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", `extension/dist/${wheels.at(-1)}`],
    "pip",
  )
}

// --- the tools
function node(...args) {
  return run(process.execPath, args)
}

/** Runs a command silently in the clone; on failure its last lines become the problem. */
export function run(command, args, client) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    child.stdout.on("data", data => (output += data))
    child.stderr.on("data", data => (output += data))
    child.on("error", error => failed(new SetupProblem(`${command} did not start: ${error.message}`)))
    child.on("close", code => {
      if (code === 0) return done(output)
      const what = `${relative(root, command) || command} ${args.join(" ")}`
      failed(
        new SetupProblem(
          client
            ? installProblem(client, output)
            : `${what} failed:\n${output.trim().split("\n").slice(-25).join("\n")}`,
        ),
      )
    })
  })
}

function probePython() {
  const version = spawnSync(
    "python3",
    ["-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"],
    { encoding: "utf8" },
  )
  if (version.status !== 0) return {}
  const venvWorks = spawnSync("python3", ["-c", "import venv, ensurepip"], { encoding: "utf8" }).status === 0
  return { version: version.stdout.trim(), hasVenv: venvWorks }
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function stamps() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"))
  } catch {
    return {} // no setup yet, or an unreadable stamp: everything is made again
  }
}

function stamp(name, hash) {
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(`${stampFile}.tmp`, JSON.stringify({ ...stamps(), [name]: hash }, null, 2))
  renameSync(`${stampFile}.tmp`, stampFile)
}

/** One hash over the paths and contents of files and folders; a missing one counts as such. */
function hashOf(paths) {
  const hash = createHash("sha256")
  for (const path of paths.flatMap(filesUnder))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0")
  return hash.digest("hex")
}

function filesUnder(path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  const entries = readdirSync(dirname(full), { withFileTypes: true }).find(
    entry => join(dirname(full), entry.name) === full,
  )
  if (!entries?.isDirectory()) return [path]
  return readdirSync(full, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith(".pyc"))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await reportProblems(async () => {
    const start = Date.now()
    await setup()
    console.log(`setup: everything is current (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  })
}
