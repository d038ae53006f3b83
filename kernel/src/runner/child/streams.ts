// What user code writes to process.stdout and process.stderr (console included) becomes the cell's output. Native code
// that writes to the file descriptors itself is not seen here: the front reads those pipes.

import { Console } from "node:console"
import type { OutputPipe } from "./output.js"

export function patchStreams(output: OutputPipe): void {
  for (const name of ["stdout", "stderr"] as const) {
    const write = (bytes: Uint8Array | string, ...rest: unknown[]): boolean => {
      const encoding = typeof rest[0] === "string" ? (rest[0] as BufferEncoding) : "utf8"
      output.text(name, typeof bytes === "string" ? Buffer.from(bytes, encoding) : Buffer.from(bytes))
      const done = rest.find(argument => typeof argument === "function")
      if (done !== undefined) process.nextTick(done as () => void)
      return true
    }
    process[name].write = write as typeof process.stdout.write
  }
  // Node's own console also reports to the inspector that evaluates the cells, which keeps the last thousand logged
  // values alive and takes four times as long. Writes here cannot fail, so no error needs to be ignored either.
  globalThis.console = new Console({ stdout: process.stdout, stderr: process.stderr, ignoreErrors: false })
}
