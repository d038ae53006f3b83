// `%connect spark --workers 2`: a cluster under a name, `cluster` unless another is given.

import type { Magic } from "./Magic.js"
import { callText, objectText, shardlab } from "./object.js"

export const connect: Magic = {
  name: "connect",
  kind: "line",
  doc: "Starts a cluster on this machine (spark, sail, dask) or joins one (sc://host:15002, tcp://host:8786).",
  args: [
    { name: "to", type: "string", doc: "`spark`, `sail`, `dask`, `duckdb` or an address.", required: true },
    { name: "name", type: "name", doc: "The variable to declare; `cluster` when not given." },
  ],
  options: [
    { name: "workers", type: "number", doc: "Worker processes of a cluster that is started here." },
    { name: "cores", type: "number", doc: "Cores of a worker." },
    { name: "executorMemory", type: "string", doc: "Memory of an executor, as `512m`." },
    { name: "ui", type: "string", doc: "The address of Spark's UI, when joining a cluster." },
  ],
  example: "%connect spark --workers 2",
  expand: ({ args: { to, name = "cluster" }, options }) => {
    const given = objectText(options)
    return { code: [`const ${name} = await ${callText(`${shardlab}.connect`, to!, given)}`] }
  },
}
