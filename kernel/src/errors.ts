// Every error a user can meet: one row a code with its message template and the fix. Not an error hierarchy: there is
// one class, and code that handles errors looks at `code`. Imports nothing of ours.

/** Message and hint use `{name}` placeholders, filled from the arguments of `fail`. */
export interface ErrorTemplate {
  readonly message: string
  readonly hint: string
}

export const errorTable = {
  // The command and the setup
  USAGE: {
    message: "{problem}",
    hint: "Run `shardlab --help` for the commands and their options.",
  },
  // Batch runs
  NOT_A_NOTEBOOK: {
    message: "{path} is not a notebook: {problem}.",
    hint: "Give a Jupyter notebook (.ipynb).",
  },
  NOT_WRITABLE: {
    message: "{path} cannot be written: {problem}.",
    hint: "Choose a folder that exists and that you may write.",
  },
  UNKNOWN_PARAMETER: {
    message: "The notebook has no parameter `{name}`.{nearest}",
    hint: "Its parameters cell declares: {known}.",
  },
  BAD_PARAMETER: {
    message: "Parameter `{name}` is a {type}, and `{value}` is not one.",
    hint: "Give a value of that type: -p {name} VALUE.",
  },
  // Cells
  UNKNOWN_MAGIC: {
    message: "There is no magic `%{name}`.{nearest}",
    hint: "`%magics` lists them all.",
  },
  UNKNOWN_OPTION: {
    message: "`{where}` has no option `{name}`.{nearest}",
    hint: "Known options: {known}.",
  },
  PACKAGE_MISSING: {
    message: "There is no package `{name}` in {folder} or above.",
    hint: "Install it there: npm install {name}",
  },
  CHECKER_LOST: {
    message: "The type checker's process ended ({cause}).",
    hint: "A new one knows the cells that ran; run the cell again.",
  },
  // Values that many parts check
  BAD_VALUE: { message: "{where}: `{name}` is {value}.", hint: "{fix}" },
  FILE_MISSING: {
    message: "There is no file `{path}`.{nearest}",
    hint: "Paths are relative to the notebook's folder, {cwd}.",
  },
  // Devices
  PLUGIN_MISSING: {
    message: "No XLA plugin was found. Looked at: {looked}.",
    hint: "`pip install fastatomstruct-xla-cpu` (linux x86_64), or name a plugin's file in SHARDLAB_PJRT_PLUGIN.",
  },
  PLUGIN_REFUSED: { message: "The XLA plugin {path} is not used: {reason}.", hint: "{fix}" },
  DEVICE_OPTION: {
    message: "The device cannot be opened so: {problem}.",
    hint: "Call `await ensureBackend({ visibleDevices: [0], memoryFraction: 0.5 })` before `tf` is used; restart the kernel to change it.",
  },
  XLA_FAILED: {
    message: "XLA failed on {device} while {doing}: {message}.",
    hint: "If the program is yours, check its shapes; otherwise please report it with the text above.",
  },
  DEVICE_MEMORY: {
    message: "{device} ran out of memory while {doing}: {used} of {limit} in use.{largest}",
    hint: "Use a smaller batch, or dispose tensors that are no longer needed (tf.tidy, tensor.dispose()); then run the cell again.",
  },
  DEVICE_LOST: {
    message: "{device} failed while {doing}: {message}. What was on it is gone, weights included.",
    hint: "Restart the kernel, check the device (`nvidia-smi`), and go on from the last checkpoint.",
  },
  MESH_TOO_LARGE: {
    message: "A mesh of {mesh} needs {count} devices, and this process has {have}.",
    hint: "Ask for fewer, or run several processes (`mpirun -n 2 shardlab run ...`).",
  },
  NOT_LAUNCHED: {
    message: "train: `distributed` is true, and this process was started alone.",
    hint: "Start it with others: `mpirun -n 2 shardlab run in.ipynb out.ipynb`.",
  },
  MPI_MISSING: {
    message: "This process was launched with others, and there is no MPI to reach them by ({names}).",
    hint: "`apt install openmpi-bin libopenmpi3`, or `distributed: false` to train alone.",
  },
  MPI_OTHER_WORLD: {
    message: "{launcher} says that this is process {rank} of {size}, and MPI knows of {found}.",
    hint: "Start with `mpirun`, or `srun --mpi=pmix`; torchrun and horovodrun need `mpirun` below them.",
  },
  MPI_FAILED: {
    message: "MPI failed while {doing} (error {code}).",
    hint: "One of the processes has probably ended; its own output says why.",
  },
  WORLD_MISSING: {
    message: "Rank {missing} of {size} processes did not come to {address} within {seconds} s.",
    hint: "Their own output says why. SHARDLAB_JOIN_SECONDS waits longer.",
  },
  WORLD_REFUSED: { message: "The processes cannot go on together: {problem}.", hint: "{fix}" },
  WORLD_ADDRESS: { message: "{problem}.", hint: "{fix}" },
  WORLD_LOST: {
    message: "Rank {rank} of {size} processes is gone.",
    hint: "Its own output says why. Start all again: `shardlab launch` does so by itself, from the last checkpoint.",
  },
  WORLD_STORE: {
    message: "The processes could not exchange a value: {problem}.",
    hint: "All processes have to make the same calls in the same order.",
  },
  WORLD_UNSET: {
    message:
      "A mesh of {mesh} needs the devices of all {size} processes, and they cannot meet without {lacks}.",
    hint: "`shardlab launch` sets it; with another launcher set it yourself, the same for all processes.",
  },
  MESH_NOT_ALL: {
    message: "A mesh of {mesh} has {count} devices, and the {size} processes have {have} together.",
    hint: 'A mesh over processes takes all of their devices: `devices: "all"`.',
  },
  MESH_BUSY: {
    message: "A mesh of {mesh} cannot run inside another one.",
    hint: "Wait for the first `run`, or use one mesh for both.",
  },
  MESH_NEEDS_XLA: {
    message: "A mesh needs the backend xla: {reason}.",
    hint: "`pip install fastatomstruct-xla-cpu` brings a CPU with as many virtual devices as you ask for.",
  },
  PEER_MISSING: {
    message:
      "TensorFlow's own backend is not installed: no @tensorflow/tfjs-node and no tfjs-node-gpu is found from {folder}.",
    hint: "`npm install @tensorflow/tfjs-node@4.22.0` there brings it; xla needs neither.",
  },
  PEER_BROKEN: {
    message: "{name} {version} does not load: {reason}.",
    hint: "`npm rebuild {name}` fetches its native library again; `shardlab doctor` says what works here. xla needs none of it.",
  },
  DEVICE_MISUSE: {
    message: "{problem}.",
    hint: "This is a fault of shardlab: please report it with the cell.",
  },
  // Scaling policies and pools
  UNKNOWN_METRIC: {
    message: "There is no metric `{name}`.{nearest}",
    hint: 'Known: {known}. Publish your own with `scale.metric("{name}", () => value)`.',
  },
  POOL_CLOSED: { message: "The pool `{pool}` is closed.", hint: "Make a new one with `await workers(...)`." },
  POOL_CANCELLED: {
    message: "The map over `{pool}` was cancelled.",
    hint: "Run the cell again to start it anew.",
  },
  POOL_START: { message: "A worker of `{pool}` did not start: {cause}.", hint: "{fix}" },
  POOL_FUNCTION: {
    message: "The function given to `{pool}.map` cannot be sent to a worker: {cause}.",
    hint: "{fix}",
  },
  POOL_MISSING_NAME: {
    message: "The function given to `{pool}.map` uses `{name}`, which the workers do not have.",
    hint: "Pass it along: `pool.map(items, fn, { share: { {name} } })`, or import it inside the function.",
  },
  POOL_NOT_CLONEABLE: {
    message: "{what} cannot be sent between processes: {cause}.",
    hint: "Send plain data: numbers, text, arrays, typed arrays, objects, Map, Set, Date.",
  },
  POOL_ITEM_FAILED: {
    message: "Item {index} failed on worker {worker}: {error}",
    hint: "The items before it ran; mend the function and run the cell again.",
  },
  POOL_WORKER_LOST: {
    message: "Item {index} lost its worker {attempts} times; the last one {cause}.",
    hint: "If the item needs more memory than a worker has, make it smaller or the pool narrower; `retries` allows more tries.",
  },
  // Frames and engines
  UNKNOWN_COLUMN: {
    message: "{operation}: there is no column `{name}`.{nearest}",
    hint: "Columns: {columns}.",
  },
  DUPLICATE_COLUMN: {
    message: "{operation}: there would be two columns named `{name}`.",
    hint: "Give one another name with `alias` or `rename`.",
  },
  TYPE_MISMATCH: { message: "{operation}: {problem}.", hint: "{fix}" },
  CSV_RAGGED: {
    message: "{path}, line {line}: {actual} columns, but {expected} are expected.",
    hint: 'Mend the line, or read with { ragged: "pad" } (missing values become null) or { ragged: "skip" }.',
  },
  TARGET_EXISTS: {
    message: "`{path}` exists already.",
    hint: 'Write with { mode: "overwrite" } to replace it.',
  },
  NO_STORE: {
    message: "`{uri}`: this engine cannot reach `{scheme}:` addresses.{nearest}",
    hint: "Available: {available}.",
  },
  STORE_MISSING: { message: "There is nothing at `{path}`.{nearest}", hint: "{hint}" },
  STORE_FAILED: { message: "{uri}: {problem}.", hint: "{fix}" },
  EXTENSION_MISSING: {
    message: "{what} needs DuckDB's extension `{name}`, which is not on this machine.{found}",
    hint: "pip install {wheel}=={version} (nothing is downloaded by itself). Looked in: {looked}.",
  },
  FILES_DIFFER: {
    message: "{path}: {problem} in {first}.",
    hint: 'Read with { schema: "merge" } to take the columns of all files by name, with null where a file has none.',
  },
  TABLE_MISSING: {
    message: "There is no table or view `{name}`.{nearest}",
    hint: 'Make a view with frame.createView("{name}").',
  },
  TABLE_EXISTS: {
    message: "There is a view `{name}` already.",
    hint: "Replace it with { replace: true }.",
  },
  NOT_ON_ENGINE: {
    message: "{engine} has no {what}.",
    hint: "Engines that have it: {has}.",
  },
  OTHER_ENGINE: {
    message: "{operation}: a frame of {there} cannot run on {here}.",
    hint: "Read both with the same `read` (`cluster.read`), or `collect` the smaller one and bring its rows with `read.rows`.",
  },
  QUERY_FAILED: { message: "{engine}: {problem}", hint: "{fix}" },
  QUERY_CANCELLED: { message: "The query was interrupted.", hint: "Run the cell again to start it anew." },
  INT64_RANGE: {
    message: "Column `{name}` holds {value}, which a JavaScript number cannot hold exactly.",
    hint: 'Collect without { int64: "number" } to get bigint.',
  },
  // TypeScript functions on the rows of a frame
  FUNCTION_FAILED: {
    message: "{where}: {name} threw {error}",
    hint: "Mend the function and run the cell again.",
  },
  FUNCTION_RESULT: { message: "{where}: {problem}.", hint: "{fix}" },
  FUNCTION_SCHEMA: {
    message: "{where} runs in TypeScript because {reason}, so the type of {columns} has to be said.",
    hint: "Say it: {where}(fn, {example}).",
  },
  FUNCTION_BUNDLE: {
    message: "{where}: the function cannot run on a cluster: {problem}.",
    hint: "It is sent as text with all that it mentions: plain data, functions and packages. Make what it needs inside it.",
  },
  FUNCTION_EXECUTOR: { message: "{where}: {problem}.", hint: "{fix}" },
  FUNCTION_NO_PACKER: {
    message: "{where}: a function of this process cannot travel, because nothing here packs functions.",
    hint: "Import frames from `shardlab`.",
  },
  // Clusters
  CLUSTER_UNREACHABLE: { message: "{server} does not answer: {problem}.", hint: "{fix}" },
  CLUSTER_REFUSED: {
    message: "{server} refuses the connection: {problem}.",
    hint: "Give its token in the address: sc://host:15002/;token=...",
  },
  CLUSTER_FAILED: { message: "{server}: {problem}{label}", hint: "{fix}" },
  CLUSTER_START: { message: "{what} did not start: {cause}.", hint: "{fix}" },
  SESSION_LOST: {
    message:
      "{server} no longer knows this session ({cause}): its temporary views and cached frames are gone.",
    hint: "Run the cells that made them again; the next call begins a new session.",
  },
  OPERATION_LOST: {
    message: "{server} no longer knows this query, so its result cannot be had.",
    hint: "Run the cell again. Servers keep an abandoned query for a few minutes.",
  },
  OPERATION_CUT: {
    message: "{server} ended the query before its result was complete: {cause}.",
    hint: "Run the cell again; the rows that came are not all of them.",
  },
  // Training
  LOSS_NOT_FINITE: {
    message: "The loss became {loss} at step {step}, so training stopped.",
    hint: 'Lower the learning rate, scale the features (`normalise: "standard"`), or look for missing values in the data.',
  },
  CHECKPOINT_EXISTS: {
    message: "`{path}` holds checkpoints already, up to step {step}.",
    hint: "Pass `resume: true` to go on from there, or name another folder.",
  },
  CHECKPOINT_OTHER_MODEL: {
    message: "The checkpoint `{path}` does not fit: {difference}.",
    hint: "Build the model as it was, or name another folder.",
  },
  CHECKPOINT_DAMAGED: {
    message: "The checkpoint `{path}` is damaged: {problem}.",
    hint: "Remove its folder to start without it.",
  },
  CHECKPOINT_FAILED: {
    message: "The checkpoint could not be written to `{path}`: {problem}.",
    hint: "The model holds what it has learnt, and the checkpoints before are whole: free some space and resume.",
  },
  RECORD_FAILED: { message: "The run cannot be recorded at {place}: {problem}.", hint: "{fix}" },
  SHAPE_MISMATCH: {
    message: "{where}: layer `{layer}` {verb} rows of {expected}, and {found}.",
    hint: "{fix}",
  },
  LABEL_RANGE: {
    message: "{where}: row {row} (from 0) of {name} is {value}, and {expected}.",
    hint: "{fix}",
  },
  DATA_NOT_FINITE: {
    message: "{where}: row {row} (from 0) of {name} is {value}, which no 32-bit float can be.",
    hint: "Mend or leave out that row (`.filter`), or look for a division by zero in what made the column.",
  },
  DATA_MIXED: {
    message: "{where}: row {row} (from 0) of {name} holds {value}, while the column holds {kind}.",
    hint: "Give the column one type before training, or leave that row out.",
  },
  IMAGE_FAILED: {
    message: "{where}: row {row} (from 0) of column `{name}` is no image that can be read: {problem}.",
    hint: "Images are PNG or JPEG files, as bytes or as paths from the notebook's folder; filter that row out, or mend its file.",
  },
  TRAIN_NO_DATA: { message: "{where}: there are no rows to train on.", hint: "{fix}" },
  TRAIN_COLUMN_TYPE: {
    message: "{where}: column `{name}` holds {found}, and a network takes numbers.",
    hint: "{fix}",
  },
  // Models and weights from files
  MODEL_FILE: { message: "{path}: {problem}.", hint: "{fix}" },
  ONNX_OPERATOR: {
    message: "{path}: node `{node}` needs the operator {op}, which cannot be imported.{nearest}{others}",
    hint: "Export the model without it. Imported are: {supported}.",
  },
  ONNX_NODE: { message: "{path}: node `{node}` ({op}): {problem}.", hint: "{fix}" },
  ONNX_INPUT: { message: "{path}: {problem}.", hint: "{fix}" },
  WEIGHTS_DIFFER: {
    message: "{path}: {missing} of the model's {total} weights have no place in it.\n{table}{left}\n",
    hint: "Say which with { map: { {example} } }, or keep what they hold with { partial: true }.",
  },
  // Compression
  LAYER_NOT_EXPORTABLE: {
    message: "Layer `{layer}` ({kind}) cannot be written as ONNX: {problem}.",
    hint: "{fix}",
  },
  NOT_FINITE: { message: "{what} hold {value}, which no format can keep.", hint: "{fix}" },
  COMPRESS_NO_ROWS: {
    message: "compress: there are no rows in `{name}`.",
    hint: "{fix}",
  },
  RUNTIME_MISSING: {
    message: "onnxruntime-node cannot be loaded: {cause}.",
    hint: "It measures and runs compressed models. Install it beside shardlab: npm install onnxruntime-node@{version}",
  },
  WRONG_EXTENSION: {
    message: "`{path}` {problem}, and a model is saved as {supported}.",
    hint: "Save it as `{better}`.",
  },
} as const satisfies Record<string, ErrorTemplate>

export type ErrorCode = keyof typeof errorTable

/** An error with a stable `code`, a `hint` that says how to mend it, and the `cause` it came from. */
export class ShardlabError extends Error {
  override readonly name = "ShardlabError"
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint: string,
    options?: { cause?: unknown },
    /** What the message was made of, such as `errorClass` and `sqlState` of a cluster's error. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${message} ${hint}`.trim(), options)
  }
}

/** Makes the error of a table row. `values` fills the placeholders; a missing one becomes the empty string. */
export function fail(code: ErrorCode, values: Record<string, unknown> = {}, cause?: unknown): ShardlabError {
  const row: ErrorTemplate = errorTable[code]
  const options = cause === undefined ? undefined : { cause }
  return new ShardlabError(code, fill(row.message, values), fill(row.hint, values), options, values)
}

function fill(template: string, values: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ""))
}

/** The closest of `known` to a misspelt `name`, or undefined when nothing is near (more than a third of it differs). */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3) + 1)
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** ` Did you mean \`x\`?` for a message template's `{nearest}`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearest(name, known)
  return near === undefined ? "" : ` Did you mean \`${near}\`?`
}

/** Throws UNKNOWN_OPTION for the first key of `options` that is not in `known`. `where` is what the user called. */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw fail("UNKNOWN_OPTION", { where, name, nearest: didYouMean(name, known), known: known.join(", ") })
  }
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours, each costing 1. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, rows[i - 2]![j - 2]! + 1)
      row.push(cost)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
