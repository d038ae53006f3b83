// The names that every cell has without importing them: `display`, `input`, `prompt`, `require`, and the import helper
// that the checker writes in place of static imports. Configurable, so a cell may declare the same name.

import { createRequire } from "node:module"
import { join } from "node:path"
import { type DisplaySink, setDisplaySink } from "../../display.js"
import type { Answer } from "../protocol.js"
import { display } from "./displays.js"
import type { Importer } from "./importer.js"
import type { OutputPipe } from "./output.js"
import { wireable } from "./values.js"
import type { WatchdogLink } from "./watchdogLink.js"

export function installGlobals(output: OutputPipe, watchdog: WatchdogLink, importer: Importer): void {
  setDisplaySink(displaySink(output))
  let questions = 0
  const ask = (text: string, password: boolean): number => {
    const question = ++questions
    output.send({ type: "input", question, prompt: text, password })
    return question
  }
  define("display", display)
  define("input", async (text = "", { password = false } = {}) =>
    answerText(await watchdog.answer(ask(String(text), password))),
  )
  define("prompt", (text = "") => answerText(watchdog.answerNow(ask(String(text), false))))
  define("require", notebookRequire(importer))
  define("__shardlab_import", (specifier: string) => importer.import(specifier))
}

/** As a CommonJS module of the notebook's folder has it: with `resolve`, `cache` and the rest. */
function notebookRequire(importer: Importer): NodeJS.Require {
  const { resolve, cache, extensions, main } = createRequire(join(process.cwd(), "notebook.js"))
  return Object.assign((specifier: string) => importer.require(specifier), {
    resolve,
    cache,
    extensions,
    main,
  })
}

function displaySink(output: OutputPipe): DisplaySink {
  return {
    display: (bundle, options) => output.send({ type: "display", bundle: wireable(bundle), options }),
    clear: ({ wait }) => output.send({ type: "clear", wait }),
  }
}

function answerText(answer: Answer): string {
  if ("refused" in answer) throw new Error(answer.refused)
  return answer.text
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}
