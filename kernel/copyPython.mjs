// Part of the build: the Python of engine/dask beside its compiled TypeScript, where the package ships it.
import { cpSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"

const place = "engine/dask/worker/shardlab_dask"
const [from, to] = ["src", "lib"].map(folder => fileURLToPath(new URL(`${folder}/${place}`, import.meta.url)))
rmSync(to, { recursive: true, force: true })
cpSync(from, to, { recursive: true, filter: path => !path.includes("__pycache__") })
