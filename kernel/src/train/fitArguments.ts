// What our `fit` and `fitDataset` take beside tfjs's own arguments, said to the compiler where tfjs declares those. Types only.

import type {} from "@tensorflow/tfjs"

declare module "@tensorflow/tfjs-layers/dist/engine/training_tensors.js" {
  interface ModelFitArgs {
    /**
     * Steps that become one execution, equal to the bit to steps by themselves; default 1. For small steps on a fast device,
     * whose start costs more than they do. Logs are those of each step and come up to so many steps late.
     */
    stepsPerExecution?: number
  }
}

declare module "@tensorflow/tfjs-layers/dist/engine/training_dataset.js" {
  interface ModelFitDatasetArgs<T> {
    /** Steps that become one execution: see `ModelFitArgs`. */
    stepsPerExecution?: number
  }
}
