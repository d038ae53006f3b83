// `npm test`: setup, then every test: vitest (units, then real kernels and servers) and, in a real browser, galata. Ends
// with one plain line, `N passed, N failed, N skipped`; a runner that crashed counts as one failure.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { reportProblems, root, setup } from "../extension/setup/setup.mjs"

const out = join(root, "test/.out")
const total = { passed: 0, failed: 0, skipped: 0 }

await reportProblems(async () => {
  const services = run("test/services/install.mjs", [])
  await setup()
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  await vitest("unit")
  if ((await services) !== 0) throw new Error("the servers of the tests could not be installed: see above")
  // One file at a time: kernels, servers and training runs would starve each other on two cores.
  await vitest("real", "--no-file-parallelism")
  await browser()
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  process.exitCode = total.failed > 0 ? 1 : 0
})

async function vitest(project, ...options) {
  const report = join(out, `${project}.json`)
  await run("node_modules/vitest/vitest.mjs", [
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
  const result = readReport(report, `vitest (${project})`)
  if (result === undefined) return
  total.passed += result.numPassedTests
  total.failed += result.numFailedTests
  total.skipped += result.numPendingTests + result.numTodoTests
  // A file that could not be loaded has no tests of its own to fail.
  total.failed += result.testResults.filter(
    file => file.status === "failed" && file.assertionResults.length === 0,
  ).length
}

async function browser() {
  const config = join(root, "test/ui/playwright.config.ts")
  if (!existsSync(config)) return
  const chromium = findChromium()
  if (chromium === undefined) {
    console.log(
      "skipped: the tests in the browser, because there is no Chromium here and it cannot be installed without root",
    )
    total.skipped += 1
    return
  }
  const report = join(out, "playwright.json")
  const env = { SHARDLAB_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: report }
  await run("node_modules/@playwright/test/cli.js", ["test", "-c", config, "--reporter=list,json"], env)
  const result = readReport(report, "playwright")
  if (result === undefined) return
  total.passed += result.stats.expected + result.stats.flaky
  total.failed += result.stats.unexpected + result.errors.length
  total.skipped += result.stats.skipped
}

/** From SHARDLAB_CHROMIUM, the PATH, or Debian's packages when we are root. */
function findChromium() {
  const named = process.env.SHARDLAB_CHROMIUM
  if (named && existsSync(named)) return named
  if (process.getuid?.() === 0 && which("chromium") === undefined && which("apt-get")) {
    console.log("setup: Chromium from Debian's packages, for the tests in the browser ...")
    spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" })
    const options = { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }
    spawnSync("apt-get", ["install", "-y", "-qq", "chromium", "fonts-dejavu"], options)
  }
  return ["chromium", "google-chrome", "chromium-browser"].map(which).find(path => path !== undefined)
}

function which(command) {
  const found = spawnSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" })
  return found.status === 0 ? found.stdout.trim() : undefined
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
