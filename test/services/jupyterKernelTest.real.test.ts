// PyPI's jupyter_kernel_test, in full, on our kernel as Jupyter finds and starts it.
import { execFile } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, expect, test } from "vitest"
import { installedKernel, projectPython } from "./jupyterFixture.js"

const { jupyterPath, prefix } = installedKernel()
afterAll(() => rmSync(prefix, { recursive: true, force: true }))

test("jupyter_kernel_test passes; only the pager, which Jupyter has deprecated, is skipped", async () => {
  const suite = join(import.meta.dirname, "jupyter_kernel_test_shardlab.py")
  const env = { ...process.env, JUPYTER_PATH: jupyterPath }
  // unittest reports on stderr and exits with 1 when a test fails, which rejects with that report.
  const { stderr } = await promisify(execFile)(projectPython, [suite], { env })
  expect(stderr).toMatch(/Ran 15 tests/)
  expect(stderr).toMatch(/OK \(skipped=1\)/)
  expect(stderr).toMatch(/test_pager .* skipped/)
})
