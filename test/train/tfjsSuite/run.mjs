// One run of tfjs-core's tests on one backend, in a process of its own: `node run.mjs <xla|cpu> <share> <seed> <result file> [name]`.
// Bundles tfjs and its tests around one tfjs-core, hands that bundle to whoever requires tfjs (our backend), and writes
// what passed and failed as JSON. `share` is the part of the specs to run, 0 to 1, chosen by a hash of their names; a name, a
// regular expression, chooses instead.
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import Module, { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const [backend, share, seed, resultFile, only] = process.argv.slice(2)
const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "tfjs-suite-"))
process.env.TFJS_SUITE_BACKEND = backend

try {
  const bundle = join(folder, "bundle.cjs")
  await build({
    entryPoints: [join(here, "entry.mjs")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    // package.json of tfjs-core calls its test files free of side effects.
    ignoreAnnotations: true,
    logLevel: "error",
  })
  const tf = load(bundle)
  tf.findBackend("cpu").firstUse = false
  const report = backend === "xla" ? await installOurs(tf) : () => ({})
  const specs = await runSpecs()
  writeFileSync(resultFile, JSON.stringify({ specs, ...report() }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
// The tests leave timers and sockets behind.
process.exit(0)

/** The bundle, which from here on is what `require` gives for tfjs and for tfjs-core. */
function load(bundle) {
  const require = createRequire(import.meta.url)
  // A copy: the bundle's own exports cannot be replaced, and our patches replace some.
  const tf = { ...require(bundle) }
  require.cache[bundle].exports = tf
  const resolve = Module._resolveFilename
  Module._resolveFilename = function (request, ...rest) {
    const ours = request === "@tensorflow/tfjs" || request === "@tensorflow/tfjs-core"
    return ours ? bundle : resolve.call(this, request, ...rest)
  }
  return tf
}

/** Backend `xla` as a program gets it, and what it has to report afterwards. */
async function installOurs(tf) {
  const lib = new URL("../../../kernel/lib/", import.meta.url)
  const { openDevice } = await import(new URL("device/openDevice.js", lib))
  const { detours, installXla } = await import(new URL("train/install.js", lib))
  const compiled = { programs: 0, ms: 0 }
  const device = await openDevice()
  const compile = device.compile.bind(device)
  device.compile = text => {
    const start = performance.now()
    const executable = compile(text)
    compiled.programs++
    compiled.ms += performance.now() - start
    return executable
  }
  installXla(tf, device)
  return () => ({ detours: Object.fromEntries(detours), compiled })
}

/** Fraction in [0, 1) that is the same for the same name and seed. */
function fraction(name) {
  return createHash("sha256").update(`${seed} ${name}`).digest().readUInt32BE() / 2 ** 32
}

async function runSpecs() {
  const specs = []
  const seen = new Map()
  const skipped = new Set(JSON.parse(process.env.TFJS_SUITE_SKIP ?? "[]"))
  const environment = globalThis.jasmine.getEnv()
  environment.configure({
    random: false,
    specFilter(spec) {
      const name = spec.getFullName()
      if (skipped.has(name)) return false
      return only === undefined ? fraction(name) < Number(share) : new RegExp(only).test(name)
    },
  })
  environment.addReporter({
    specDone({ fullName, status, failedExpectations }) {
      // Some names are used twice.
      const times = (seen.get(fullName) ?? 0) + 1
      seen.set(fullName, times)
      const name = times === 1 ? fullName : `${fullName} (${times})`
      if (status === "passed") specs.push({ name, passed: true })
      else if (status === "failed")
        specs.push({
          name,
          passed: false,
          why: failedExpectations.map(({ message }) => message).join("; "),
        })
    },
  })
  await environment.execute()
  return specs
}
