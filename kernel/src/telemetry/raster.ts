// SVG to PNG, and Vega-Lite to PNG, in a worker thread so that nobody's event loop waits for pixels. Not a browser: the
// only fonts are the DejaVu files of npm, so that the same SVG gives the same PNG on every machine. The worker starts on
// first use, keeps no process alive, and is replaced when it dies.

import { once } from "node:events"
import { Worker } from "node:worker_threads"

/** What the worker is asked; it answers with the same `id`. */
export type RasterRequest = { readonly id: number } & (
  | { readonly kind: "svg"; readonly svg: string; readonly scale: number }
  | { readonly kind: "vega"; readonly spec: unknown; readonly scale: number }
)
export type RasterReply =
  | { readonly id: number; readonly png: Uint8Array }
  | { readonly id: number; readonly error: string }

interface Pending {
  resolve(png: Uint8Array): void
  reject(error: Error): void
}

let worker: Worker | undefined
let asked = 0
const pending = new Map<number, Pending>()

/** PNG bytes of an SVG, `scale` device pixels to a CSS pixel (default 2). Rejects for SVG that does not parse. */
export function svgToPng(svg: string, { scale = 2 }: { scale?: number } = {}): Promise<Uint8Array> {
  return ask(id => ({ id, kind: "svg", svg, scale }))
}

/** PNG bytes of a Vega-Lite (or Vega) specification with inline data; nothing is loaded from files or the network. */
export function vegaToPng(spec: unknown, { scale = 2 }: { scale?: number } = {}): Promise<Uint8Array> {
  return ask(id => ({ id, kind: "vega", spec, scale }))
}

/** Ends the worker, if there is one. Tests and short-lived commands need not call it: the worker is unreferenced. */
export async function closeRaster(): Promise<void> {
  const closing = worker
  worker = undefined
  await closing?.terminate()
}

function ask(request: (id: number) => RasterRequest): Promise<Uint8Array> {
  const id = ++asked
  const answer = new Promise<Uint8Array>((resolve, reject) => pending.set(id, { resolve, reject }))
  worker ??= startWorker()
  const running = worker
  running.ref()
  running.postMessage(request(id))
  return answer
}

function startWorker(): Worker {
  const started = new Worker(new URL("./rasterWorker.js", import.meta.url), { stdout: true, stderr: true })
  started.on("message", (reply: RasterReply) => {
    const waiting = pending.get(reply.id)
    pending.delete(reply.id)
    if (pending.size === 0) started.unref()
    if ("png" in reply) waiting?.resolve(reply.png)
    else waiting?.reject(new Error(reply.error))
  })
  void once(started, "exit")
    .catch(ignore)
    .then(() => abandon(started))
  return started
}

/** A worker that is gone answers nobody: whoever waits is told, and the next request starts another. */
function abandon(gone: Worker): void {
  if (worker === gone) worker = undefined
  for (const [id, waiting] of pending) {
    pending.delete(id)
    waiting.reject(new Error("the drawing thread ended before it answered"))
  }
}

function ignore(): void {}
