// The child's program as one script: its modules and Arrow's, bundled once a process.

import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"

let program: string | undefined

export function childProgram(): string {
  program ??= buildSync({
    entryPoints: [fileURLToPath(new URL("./child/main.js", import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    keepNames: true,
    format: "cjs",
    platform: "node",
    target: "node18",
    legalComments: "none",
    logLevel: "silent",
  }).outputFiles[0]!.text
  return program
}
