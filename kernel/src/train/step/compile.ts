// `tf.compile`: capture and replay for loops that are written by hand, on the stepper that `fit` uses. Not a compiler: the
// step's program is what its tensors did while it was recorded, and its JavaScript does not run when it is replayed.

import { fail } from "../../errors.js"
import { variablesMade } from "../patches/variables.js"
import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"
import { Stepper } from "./Stepper.js"
import { flattened, keyOf, rebuilt } from "./structure.js"

/** A step that runs as one compiled program; called like the function that it was made of. */
export interface CompiledStep<A extends readonly unknown[], R> {
  (...args: A): R
  /** Calls that ran the step's JavaScript, and calls that ran its program alone. */
  readonly counts: { readonly recorded: number; readonly replayed: number }
  /** Why the last call was recorded; undefined when it was replayed. */
  readonly why: string | undefined
}

export interface StepCompiler {
  /**
   * Compiles a training step, so that a loop written by hand is as fast as `fit`: two equal calls are recorded, and from
   * then on each call runs one program without TensorFlow.js in between, equal to the recorded step bit for bit.
   *
   * Tensors among the arguments (alone, in lists or records) are data, and so is the learning rate of an optimizer that the
   * step applies. Numbers, texts and booleans are part of the program: each value makes a step of its own. A step is
   * recorded again for other shapes, after a change of an optimizer's settings, and when variables were made or frozen.
   *
   * What the step does to JavaScript values (a counter, `console.log`, a list that it fills) happens only while it is
   * recorded; what it returns beside tensors is what it returned then. It must not be async, nor read values (`dataSync`):
   * such a step is recorded each time, as `why` says. Results are the caller's to dispose of; what is made on the way is
   * disposed of by the step, as in `tf.tidy`.
   *
   * @throws BAD_VALUE when `step` is not a function, or is async
   * @example
   * const step = tf.compile((x, y) => optimizer.minimize(() => loss(x, y), true))
   * for (const [x, y] of batches) step(x, y).dispose()
   */
  compile<A extends readonly unknown[], R>(step: (...args: A) => R): CompiledStep<A, R>
}

/** `compile` for the tfjs that `load` gives. */
export function stepCompiler(
  load: () => Tf,
  active: (tf: Tf) => XlaBackend | undefined,
): StepCompiler["compile"] {
  return <A extends readonly unknown[], R>(step: (...args: A) => R): CompiledStep<A, R> => {
    if (typeof step !== "function")
      throw refused(typeof step, "Give a function: tf.compile((x, y) => optimizer.minimize(...)).")
    const tf = load()
    const stepper = new Stepper<unknown>(tf, () => [variablesMade()])
    // No model, and so no weights that are cut over a mesh; the rows of its data are.
    const model = { layers: [] }
    const call = (...args: A): R => {
      const run = () => tf.tidy(() => settled(step(...args)) as never) as R
      const backend = active(tf)
      if (backend === undefined || isWatched(tf, backend)) return run()
      const { tensors, rest } = flattened(args)
      const record = () => flattened(run())
      const made = stepper.step(backend, { model, tensors, key: keyOf(rest), record, waits: false })
      return rebuilt(made.rest, made.tensors) as R
    }
    return Object.defineProperties(call, {
      counts: { value: stepper.counts },
      why: { get: () => stepper.why },
    }) as CompiledStep<A, R>
  }
}

/** Inside another step, or where gradients are taken: there each operation must be seen. */
function isWatched(tf: Tf, backend: XlaBackend): boolean {
  const { gradientDepth } = (tf.engine() as unknown as { state: { gradientDepth: number } }).state
  return backend.recording !== undefined || gradientDepth > 0
}

function settled<T>(result: T): T {
  if (result instanceof Promise) {
    result.catch(() => {})
    throw refused("async", "A step must be over when it returns: await outside of it.")
  }
  return result
}

const refused = (value: string, fix: string) =>
  fail("BAD_VALUE", { where: "tf.compile", name: "step", value, fix })
