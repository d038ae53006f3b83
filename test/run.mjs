// `npm test`: setup, then every test: vitest (units, then real kernels and servers) and, in a real browser, galata. Ends
// with one plain line, `N passed, N failed, N skipped`; a runner that crashed counts as one failure.
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { reportProblems, root, setup } from "../extension/setup/setup.mjs"
import { chromium } from "./services/chromium.mjs"
import { freePort } from "./services/service.mjs"

const out = join(root, "test/.out")
const total = { passed: 0, failed: 0, skipped: 0 }
/** The parts of the real tests by their folders; every other file is in the part `rest`. */
const folders = { spark: ["engine/spark/"], train: ["train/"], batch: ["notebooks/", "batch/"], rest: [] }

await reportProblems(async () => {
  const services = run("test/services/install.mjs", [])
  await setup()
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  await vitest("unit", "unit")
  if ((await services) !== 0) throw new Error("the servers of the tests could not be installed: see above")
  await inLanes([() => real("spark"), browser, () => real("rest"), () => real("train"), () => real("batch")])
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  process.exitCode = total.failed > 0 ? 1 : 0
})

/** One file at a time: kernels, servers and training runs would starve each other. @param {keyof typeof folders} part */
async function real(part) {
  const files = readdirSync(join(root, "test"), { recursive: true }).filter(path =>
    path.endsWith(".real.test.ts"),
  )
  const partOf = path =>
    Object.keys(folders).find(name => folders[name].some(folder => path.startsWith(folder))) ?? "rest"
  const own = files.filter(path => partOf(path) === part).map(path => join(root, "test", path))
  await vitest(part, "real", "--no-file-parallelism", ...own)
}

/** Runs the parts, the longest first. Each waits for servers and pages for much of its time, so two share two cores. */
async function inLanes(parts) {
  const roomy = availableParallelism() >= 2 && process.availableMemory() > 10 * 2 ** 30
  const waiting = [...parts]
  const lane = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) await part()
  }
  await Promise.all(roomy ? [lane(), lane()] : [lane()])
}

async function vitest(name, project, ...options) {
  const report = join(out, `${name}.json`)
  const code = await run("node_modules/vitest/vitest.mjs", [
    "run",
    "--root",
    "test",
    "--project",
    project,
    ...options,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ])
  const result = readReport(report, `vitest (${name})`)
  if (result === undefined) return
  total.passed += result.numPassedTests
  total.failed += result.numFailedTests
  total.skipped += result.numPendingTests + result.numTodoTests
  // A file that could not be loaded has no tests of its own to fail.
  const unloaded = result.testResults.filter(
    file => file.status === "failed" && file.assertionResults.length === 0,
  ).length
  total.failed += unloaded
  // An error outside of any test fails none, and is not in the report.
  if (code === 0 || result.numFailedTests + unloaded > 0) return
  console.log(`vitest (${name}) ended with ${code}, and no test failed: counted as one failure`)
  total.failed += 1
}

async function browser() {
  const path = chromium()
  if (path === undefined) {
    console.log(
      "skipped: the tests in the browser, because there is no Chromium here and it cannot be installed without root",
    )
    total.skipped += 1
    return
  }
  const report = join(out, "playwright.json")
  const env = {
    SHARDLAB_CHROMIUM: path,
    SHARDLAB_UI_PORT: String(await freePort()),
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  }
  const args = ["test", "-c", "test/ui/playwright.config.ts", "--reporter=list,json"]
  await run("node_modules/@playwright/test/cli.js", args, env)
  const result = readReport(report, "playwright")
  if (result === undefined) return
  total.passed += result.stats.expected + result.stats.flaky
  total.failed += result.stats.unexpected + result.errors.length
  total.skipped += result.stats.skipped
}

function readReport(file, runner) {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"))
  console.log(`${runner} ended without a report: counted as one failure`)
  total.failed += 1
  return undefined
}

function run(script, args, env = {}) {
  return new Promise(done => {
    const options = { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } }
    spawn(process.execPath, [join(root, script), ...args], options).on("close", done)
  })
}
