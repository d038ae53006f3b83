// Chromium for the tests in the browser: the one that SHARDLAB_CHROMIUM names, one on the PATH, or Debian's.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

const names = ["chromium", "google-chrome", "chromium-browser"]

/** Its path; as root, Debian's packages are installed when there is none. @returns {string | undefined} */
export function chromium() {
  const named = process.env.SHARDLAB_CHROMIUM
  if (named && existsSync(named)) return named
  if (process.getuid?.() === 0 && onPath() === undefined) {
    const options = {
      /** @type {"ignore"} */ stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }
    spawnSync("apt-get", ["update", "-qq"], options)
    spawnSync("apt-get", ["install", "-y", "-qq", "chromium", "fonts-dejavu"], options)
  }
  return onPath()
}

function onPath() {
  const found = names.map(name => spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }))
  return found.find(({ status }) => status === 0)?.stdout.trim()
}
