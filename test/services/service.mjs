// Starts a server for a test, waits until it answers, and stops it by its own id. Loopback only. What a server needs is
// installed once into git-ignored folders of the clone: .venv-services (Python) and .services (everything else).
import { spawn, spawnSync } from "node:child_process"
import { createHash, randomInt } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { get } from "node:http"
import { connect, createServer } from "node:net"
import { join, resolve } from "node:path"

export const root = resolve(import.meta.dirname, "../..")
export const servicesFolder = join(root, ".services")
const requirements = join(import.meta.dirname, "requirements.txt")

/** Below those that Linux gives to connections and to servers that ask for any: nobody takes it before it is used.
 * @returns {Promise<number>} a port that nothing listens on */
export function freePort() {
  return new Promise(done => {
    const server = createServer()
    const listen = () => server.listen(randomInt(10_000, 32_768), "127.0.0.1")
    server.on("error", listen)
    server.once("listening", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
      server.close(() => done(port))
    })
    listen()
  })
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ ready: () => Promise<boolean>, env?: Record<string, string>, cwd?: string, seconds?: number }} options
 * @returns {Promise<{ stop: () => Promise<void> }>}
 */
export async function startService(command, args, { ready, env = {}, cwd = root, seconds = 60 }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", data => (output = (output + data).slice(-4000)))
  let ended = false
  const end = new Promise(done => child.once("close", done)).then(() => (ended = true))
  child.once("error", () => (ended = true))
  const stop = async () => {
    if (ended) return
    child.kill("SIGTERM")
    const killer = setTimeout(() => child.kill("SIGKILL"), 10_000)
    await end
    clearTimeout(killer)
  }
  for (const start = Date.now(); Date.now() - start < seconds * 1000; ) {
    if (ended) break
    if (await ready()) return { stop }
    await new Promise(done => setTimeout(done, 100))
  }
  await stop()
  throw new Error(`${command} ${args.join(" ")} did not start:\n${output}`)
}

/** Something answers HTTP there, whatever it says. @param {string} url @returns {Promise<boolean>} */
export function answers(url) {
  return new Promise(done => {
    const call = get(url, answer => {
      answer.resume()
      done(true)
    })
    call.on("error", () => done(false))
    call.setTimeout(1000, () => call.destroy())
  })
}

/** Something accepts connections there. @param {number} port @returns {Promise<boolean>} */
export function accepts(port) {
  return new Promise(done => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy()
      done(true)
    })
    socket.on("error", () => done(false))
  })
}

/** The path of a program of .venv-services, which is made when its requirements changed. @param {string} name */
export function pythonProgram(name) {
  const venv = join(root, ".venv-services")
  installOnce(join(venv, "current"), readFileSync(requirements, "utf8"), () => {
    if (!existsSync(join(venv, "bin/python"))) run("python3", ["-m", "venv", venv])
    run(join(venv, "bin/python"), ["-m", "pip", "install", "--quiet", "-r", requirements])
  })
  return join(venv, "bin", name)
}

/** Runs `install` unless `stamp` says that it already succeeded for the same `recipe`.
 * @param {string} stamp @param {string} recipe @param {() => void} install */
export function installOnce(stamp, recipe, install) {
  const hash = createHash("sha256").update(recipe).digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return
  install()
  writeFileSync(stamp, hash)
}

/** An empty folder below .services. @param {string} name */
export function freshFolder(name) {
  const folder = join(servicesFolder, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Runs to the end; throws with the output when it fails.
 * @param {string} command @param {string[]} args @param {import("node:child_process").SpawnSyncOptions} options */
export function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { ...options, encoding: "utf8" })
  if (status === 0) return String(stdout)
  throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? ""}\n${stdout}\n${stderr}`)
}

/** The first of the programs that is there; Debian's package is installed when we are root.
 * @param {string[]} paths @param {string} debianPackage @returns {string | undefined} */
export function program(paths, debianPackage) {
  const found = () => paths.find(path => spawnSync("sh", ["-c", `command -v ${path}`]).status === 0)
  if (found() === undefined && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" })
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", debianPackage], {
      stdio: "ignore",
      env,
    })
  }
  return found()
}
