// Builds the prebuilt JupyterLab extension from extension/lib into extension/shardlab/labextension. It calls the builder
// that `jupyter labextension build` would call, so that the build needs no Python.
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const extension = fileURLToPath(new URL("..", import.meta.url))
const require = createRequire(import.meta.url)
const builder = join(dirname(require.resolve("@jupyter/builder/package.json")), "lib/build-labextension.js")
const core = join(dirname(require.resolve("@jupyterlab/core-meta/package.json")), "core.package.json")

const built = spawnSync(process.execPath, [builder, "--core-package-file", core, extension], {
  stdio: "inherit",
})
process.exitCode = built.status ?? 1
