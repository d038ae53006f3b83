// What setup says where it cannot go on: the real script on a copy of the clone's manifests, with the real npm.
import { spawnSync } from "node:child_process"
import { chmodSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { expect, test } from "vitest"

const root = resolve(import.meta.dirname, "../..")

/** A clone in which nothing is installed. */
function bareClone(): string {
  const clone = mkdtempSync(join(tmpdir(), "shardlab-clone-"))
  const parts = [".npmrc", "package.json", "package-lock.json", "extension/setup"]
  for (const part of [
    ...parts,
    ...["kernel", "extension", "notebooks", "test"].map(w => `${w}/package.json`),
  ]) {
    mkdirSync(dirname(join(clone, part)), { recursive: true })
    cpSync(join(root, part), join(clone, part), { recursive: true })
  }
  chmodSync(clone, 0o755)
  return clone
}

function setup(clone: string, options: { env?: Record<string, string>; uid?: number } = {}) {
  const { env = {}, uid } = options
  const script = join(clone, "extension/setup/setup.mjs")
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  return { status, stdout, stderr }
}

test("without a network it names the registry", () => {
  const clone = bareClone()
  const env = {
    npm_config_registry: "http://127.0.0.1:9/",
    npm_config_replace_registry_host: "always",
    npm_config_fetch_retries: "0",
    npm_config_cache: join(clone, "cache"),
  }
  const said = setup(clone, { env })
  expect(said).toMatchObject({ status: 1, stderr: "" })
  expect(said.stdout).toMatch(
    /^setup: packages \.\.\.\nshardlab: npm could not reach the npm registry\..*again/,
  )
})

test("without python3, and with one that has no venv", () => {
  const clone = bareClone()
  const bin = join(clone, "bin")
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, "node"))
  expect(setup(clone, { env: { PATH: bin } })).toEqual({
    status: 1,
    stderr: "",
    stdout: expect.stringMatching(
      /^shardlab: There is no python3 on the PATH: .*Install python3 and python3-venv/,
    ),
  })
  const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], {
    encoding: "utf8",
  }).stdout.trim()
  // The real Python, in which these two modules cannot be imported: what Debian without python3-venv is.
  writeFileSync(
    join(bin, "python3"),
    `#!/bin/sh\nshift\nexec ${python} -c "import sys; sys.modules.update(venv=None, ensurepip=None)\n$1"\n`,
    { mode: 0o755 },
  )
  expect(setup(clone, { env: { PATH: `${bin}:/usr/bin:/bin` } }).stdout).toMatch(
    /^shardlab: python3 cannot make environments: its venv module is missing.*apt-get install python3\.\d+-venv/,
  )
})

test("in a folder that this user may not write", () => {
  const clone = bareClone()
  // Root may write everywhere, so another user asks; anybody else loses the right.
  const isRoot = process.getuid?.() === 0
  if (!isRoot) chmodSync(clone, 0o555)
  const said = setup(clone, isRoot ? { uid: 65_534 } : {})
  expect(said).toMatchObject({ status: 1, stderr: "" })
  expect(said.stdout).toContain(`shardlab: The folder ${clone} is read-only for this user`)
})
