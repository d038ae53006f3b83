// Installs what training is timed beside, once (.services/train-peers, 1.5 GB): JAX in an environment of its own, Debian's PyTorch
// when we are root, and tfjs-node. tfjs-node's own script fetches an old TensorFlow from a place that is no registry: instead its
// addon is compiled here against the libraries of PyPI's TensorFlow 2.15. A peer that cannot be installed is left out, and why
// is said.
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { installOnce, program, run, servicesFolder } from "../../services/service.mjs"

const folder = join(servicesFolder, "train-peers")
const jax = "jax[cpu]==0.10.2"
const tensorflow = "tensorflow-cpu==2.15.1"
const packages = [
  "@tensorflow/tfjs-node@4.22.0",
  "@tensorflow/tfjs@4.22.0",
  "@tensorflow/tfjs-backend-wasm@4.22.0",
]

/** @typedef {{ name: string, command: string[], env?: Record<string, string> }} Peer */

/** @returns {Peer[]} those that are there */
export function installPeers() {
  mkdirSync(folder, { recursive: true })
  const recipes = { "tfjs-node": installNode, JAX: installJax, PyTorch: installTorch }
  return Object.entries(recipes).flatMap(([name, install]) => {
    try {
      return [{ name, ...install() }]
    } catch (error) {
      console.log(`${name} is left out: ${error.message.split("\n")[0]}`)
      return []
    }
  })
}

function installJax() {
  const python = join(folder, "jax/bin/python")
  installOnce(join(folder, "jax.current"), jax, () => {
    run("python3", ["-m", "venv", join(folder, "jax")])
    run(python, ["-m", "pip", "install", "--quiet", jax])
  })
  return { command: [python, join(import.meta.dirname, "peers/jaxSteps.py")] }
}

/** PyPI's wheel for Linux is the one for CUDA, of several gigabytes; Debian's is for CPU. */
function installTorch() {
  const python = "/usr/bin/python3"
  const there = () => {
    try {
      run(python, ["-c", "import torch"])
      return true
    } catch {
      return false
    }
  }
  // Debian's PyTorch takes whatever BLAS there is, and the reference one is a hundred times slower than OpenBLAS.
  if (!existsSync("/usr/lib/x86_64-linux-gnu/openblas-pthread")) program(["openblas"], "libopenblas0-pthread")
  if (!there()) program(["python3-torch"], "python3-torch")
  if (!there()) throw new Error("no torch in /usr/bin/python3 (Debian's package python3-torch)")
  return { command: [python, join(import.meta.dirname, "peers/torchSteps.py")] }
}

function installNode() {
  const home = join(folder, "tfjs-node")
  const installed = join(home, "node_modules/@tensorflow/tfjs-node")
  installOnce(join(folder, "tfjs-node.current"), [...packages, tensorflow, process.version].join(" "), () => {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
    const options = ["--prefix", home, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
    run("npm", ["install", ...options, ...packages])
    run("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", home, tensorflow])
    const wanted = [
      "tensorflow/include/tensorflow/*",
      "tensorflow/include/tsl/*",
      "tensorflow/libtensorflow*",
    ]
    run("sh", ["-c", `cd ${home} && unzip -q *.whl ${wanted.map(glob => `'${glob}'`).join(" ")} && rm *.whl`])
    compileAddon(home, installed)
  })
  const env = { SHARDLAB_TFJS: join(home, "node_modules/@tensorflow/tfjs-node"), TF_CPP_MIN_LOG_LEVEL: "3" }
  return { command: [process.execPath, join(import.meta.dirname, "tfjsSteps.mjs")], env }
}

function compileAddon(home, installed) {
  const [deps, addon] = [join(installed, "deps/lib"), join(installed, "lib/napi-v8")]
  mkdirSync(deps, { recursive: true })
  mkdirSync(addon, { recursive: true })
  for (const name of ["libtensorflow_cc.so", "libtensorflow_framework.so"]) {
    const file = join(home, "tensorflow", `${name}.2`)
    symlinkSync(file, join(deps, `${name}.2`))
    symlinkSync(file, join(deps, name))
  }
  symlinkSync(join(deps, "libtensorflow_cc.so.2"), join(deps, "libtensorflow.so"))
  symlinkSync(join(installed, "deps"), join(installed, "lib/deps"))
  const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map(name => join(installed, "binding", name))
  const include = [nodeHeaders(), installed, join(home, "tensorflow/include")].map(path => `-I${path}`)
  run("g++", [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8"],
    ...include,
    ...sources,
    ...["-o", join(addon, "tfjs_binding.node"), `-L${deps}`, "-ltensorflow_cc", "-ltensorflow_framework"],
    `-Wl,-rpath,${deps}`,
  ])
}

function nodeHeaders() {
  const found = [join(dirname(dirname(process.execPath)), "include/node"), "/usr/include/node"].find(
    existsSync,
  )
  if (found === undefined) throw new Error(`no headers beside ${process.execPath}`)
  return found
}
