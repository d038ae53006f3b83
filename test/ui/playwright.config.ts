// Galata, JupyterLab's own test fixtures, in a real Chromium against a real JupyterLab with our wheel. Started by
// test/run.mjs, which says where Chromium is and which port is free.
import { mkdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { defineConfig } from "@playwright/test"

const root = resolve(import.meta.dirname, "../..")
const out = join(root, "test/.out/ui")
const port = process.env.SHARDLAB_UI_PORT ?? "8932"
mkdirSync(join(out, "root"), { recursive: true })

export default defineConfig({
  testDir: import.meta.dirname,
  outputDir: join(out, "results"),
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1600, height: 1000 },
    trace: "off",
    screenshot: "only-on-failure",
    video: "off",
    launchOptions: {
      executablePath: process.env.SHARDLAB_CHROMIUM ?? "/usr/bin/chromium",
      // The rest keeps Chromium from looking for its maker's hosts at every start.
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  webServer: {
    command: `${join(root, ".venv/bin/jupyter-lab")} --config ${join(import.meta.dirname, "jupyter_server_config.py")}`,
    url: `http://127.0.0.1:${port}/api/status`,
    timeout: 60_000,
    reuseExistingServer: false,
    stdout: "ignore",
    stderr: "ignore",
    env: {
      ...(process.env as Record<string, string>),
      SHARDLAB_UI_PORT: port,
      // Inside the repository, so that notebooks find the packages of the project as they do in notebooks/.
      JUPYTERLAB_GALATA_ROOT_DIR: join(out, "root"),
      JUPYTER_CONFIG_DIR: join(out, "config"),
      JUPYTER_DATA_DIR: join(out, "data"),
      JUPYTER_RUNTIME_DIR: join(out, "runtime"),
    },
  },
})
