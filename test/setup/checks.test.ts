// The sentences of a setup that cannot go on: each names what is wrong and the fix.
import { expect, test } from "vitest"
import {
  folderProblem,
  installProblem,
  nodeProblem,
  portProblem,
  pythonProblem,
} from "../../extension/setup/checks.mjs"

test("Node: 20.19 and newer will do", () => {
  for (const version of ["20.19.0", "20.20.2", "22.1.0", "26.0.0"])
    expect(nodeProblem(version)).toBeUndefined()
  for (const version of ["18.20.0", "20.18.3"])
    expect(nodeProblem(version)).toMatch(/needs Node 20\.19 or newer/)
})

test("Python: there, new enough, with venv", () => {
  expect(pythonProblem({ version: "3.11.7", hasVenv: true })).toBeUndefined()
  expect(pythonProblem({})).toMatch(/no python3 on the PATH/)
  expect(pythonProblem({ version: "3.9.1", hasVenv: true })).toMatch(/Python 3\.9\.1 is too old/)
  expect(pythonProblem({ version: "3.11.7", hasVenv: false })).toMatch(/apt-get install python3\.11-venv/)
})

test("a folder that cannot be written, a port that is taken", () => {
  expect(folderProblem("/srv/clone", true)).toBeUndefined()
  expect(folderProblem("/srv/clone", false)).toMatch(/\/srv\/clone is read-only/)
  expect(portProblem(8888, true)).toBeUndefined()
  expect(portProblem(8888, false)).toMatch(/Port 8888 is taken.*--port 8889/)
})

test("a package client that failed: no network, a full disk, or its own words", () => {
  const offline = [
    "npm error code ENOTFOUND\nnpm error request to the registry failed",
    "WARNING: Retrying after connection broken by 'NewConnectionError'",
    "Max retries exceeded with url",
  ]
  for (const output of offline)
    expect(installProblem("npm", output)).toMatch(/could not reach the npm registry/)
  expect(installProblem("pip", "Temporary failure in name resolution")).toMatch(/Python package index/)
  expect(installProblem("pip", "OSError: [Errno 28] No space left on device")).toMatch(/disk is full/)
  expect(installProblem("npm", "npm error ERESOLVE could not resolve")).toMatch(/npm failed:\n.*ERESOLVE/)
})
