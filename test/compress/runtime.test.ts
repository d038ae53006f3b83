// The native runtime is not there: what a user reads then.
import { expect, test } from "vitest"
import { loadRuntime } from "../../kernel/src/compress/runtime/loadRuntime.js"

test("a missing runtime says what to install", () => {
  const load = () => {
    throw new Error("Cannot find module 'onnxruntime-node'\nRequire stack:\n- /somewhere")
  }
  expect(() => loadRuntime(load)).toThrow(
    "onnxruntime-node cannot be loaded: Cannot find module 'onnxruntime-node'. It measures and runs compressed models. " +
      "Install it beside shardlab: npm install onnxruntime-node@1.30.0",
  )
})
