// A process of its own that keeps the servers of a local cluster: starts what it is told to, and ends all of it when the
// kernel that started it is gone, whatever ended the kernel. It has a session of its own, so an interrupt that the terminal
// or Jupyter sends to the kernel's group reaches no server.

import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, openSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import type { FromGuardian, ToGuardian } from "./protocol.js"

const children = new Map<string, ChildProcess>()
/** Removed at the end: logs and scratch space. */
const folder = process.argv[2]!
const graceMs = 4_000
let ending = false

process.on("message", (message: ToGuardian) => {
  if (message.type === "start") start(message)
  else if (message.type === "stop") endGroup(message.name, "SIGTERM")
  else if (message.type === "kill") endGroup(message.name, "SIGKILL")
  else end()
})
process.on("disconnect", end)
for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, end)

function start({ name, command, args, env, log }: Extract<ToGuardian, { type: "start" }>): void {
  mkdirSync(dirname(log), { recursive: true })
  const out = openSync(log, "a")
  const child = spawn(command, [...args], { env, stdio: ["ignore", out, out], detached: true })
  children.set(name, child)
  child.once("error", error => gone(name, error.message))
  child.once("exit", (code, signal) =>
    gone(name, signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
  )
  if (child.pid !== undefined) say({ type: "started", name, pid: child.pid })
}

function gone(name: string, cause: string): void {
  if (!children.delete(name)) return
  say({ type: "ended", name, cause })
  if (ending && children.size === 0) finish()
}

/** A server's own children, such as Spark's executors, are in its group. */
function endGroup(name: string, signal: NodeJS.Signals): void {
  const pid = children.get(name)?.pid
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has just ended.
  }
}

function end(): void {
  if (ending) return
  ending = true
  if (children.size === 0) finish()
  for (const name of children.keys()) endGroup(name, "SIGTERM")
  setTimeout(() => {
    for (const name of children.keys()) endGroup(name, "SIGKILL")
    setTimeout(finish, 500)
  }, graceMs)
}

function finish(): never {
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}

function say(message: FromGuardian): void {
  if (process.connected) process.send!(message, () => {})
}
