// What a cell imports from "shardlab", and nothing else.

// Compression
export type { Compressed } from "./compress/Compressed.js"
export { compress } from "./compress/compress.js"
export type { CompressOptions } from "./compress/compressOptions.js"
export type { Latency } from "./compress/measure/latency.js"
export type { Drop } from "./compress/measure/pairedDrop.js"
export type { Report, ReportRow } from "./compress/Report.js"
export type { DeviceOptions } from "./device/deviceOptions.js"
export type { PluginState } from "./device/openDevice.js"
export { clearOutput } from "./display.js"
// Scaling
export type { MapOptions, PoolOptions } from "./driver/pool/WorkerPool.js"
export { ShardlabError } from "./errors.js"
// Frames
export type { Column, Columns, Expr, Order } from "./frame/Column.js"
export type { ColumnBatch, ColumnData } from "./frame/ColumnBatch.js"
export { DataFrame } from "./frame/DataFrame.js"
export {
  asc,
  col,
  count,
  countDistinct,
  desc,
  fn,
  lit,
  max,
  mean,
  min,
  struct,
  sum,
  when,
} from "./frame/free.js"
export { GroupedFrame, PivotedFrame } from "./frame/GroupedFrame.js"
export { Observation } from "./frame/Observation.js"
export type { OutputTypes } from "./frame/outputTypes.js"
export type { Chart } from "./frame/plot/Chart.js"
export { RowBatch } from "./frame/RowBatch.js"
export type { Shard } from "./frame/Shard.js"
export type { SourceOptions } from "./frame/Source.js"
export type {
  AnySchema,
  Binary,
  Boolean,
  DataType,
  Date,
  Decimal,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  MapOf,
  Nullable,
  SchemaShape,
  Struct,
  Timestamp,
  TimestampTz,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Unknown,
  Utf8,
} from "./frame/types.js"
export { types } from "./frame/typeValues.js"
export type { Precision } from "./ir/autocast.js"
export type { Cluster, Executor, Operation } from "./runner/Cluster.js"
export type { CachedFrame, Caches } from "./runner/caches.js"
export { type Comm, type CommEvent, comms } from "./runner/child/comms.js"
export { type ConnectOptions, caches, connect } from "./runner/clusters.js"
export { read, sql, stores } from "./runner/dataframes.js"
export { type Pool, workers } from "./runner/pools.js"
// Training
export {
  backendReport,
  devices,
  ensureBackend,
  freeze,
  loadModel,
  loadWeights,
  lrFind,
  type Mesh,
  type MeshOptions,
  mesh,
  precision,
  predict,
  tf,
  train,
  tune,
  unfreeze,
  withHead,
} from "./runner/training.js"
export type { Objective, TrainObjective, TuneOn } from "./runner/tuning.js"
export type { LiveDecision } from "./scale/decisions.js"
export type { AutoscaleOptions, Loop } from "./scale/loop.js"
export type { Decision, Policy } from "./scale/Policy.js"
export { scale } from "./scale/scale.js"
export type { BackendInfo, BackendReport } from "./train/backend.js"
export type { DeviceInfo, DeviceList, DeviceMemory } from "./train/devices.js"
export type { RowRecipe } from "./train/feed/RowRecipe.js"
export type { LoadModelOptions } from "./train/import/loadModel.js"
export type { LoadedWeights, LoadWeightsOptions } from "./train/import/weights/loadWeights.js"
export type { Prediction, PredictOptions } from "./train/predict.js"
export type { RecordOptions } from "./train/records/TrainRecord.js"
export type { TrainRun } from "./train/TrainRun.js"
export type {
  TensorData,
  Tensors,
  TrainOptions,
  TrainTensors,
  ValidationTensors,
} from "./train/trainOptions.js"
export type { FreezeOptions } from "./train/transfer/freeze.js"
export type { HeadOptions } from "./train/transfer/withHead.js"
export type { LrCurve } from "./train/tune/LrCurve.js"
export type { LrFindOptions } from "./train/tune/lrFind.js"
export type { TrialContext } from "./train/tune/search.js"
export type { Space } from "./train/tune/space.js"
export type { Trial, Tuning } from "./train/tune/Tuning.js"
