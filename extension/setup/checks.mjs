// What must hold before setup can work, as pure functions from facts to a problem (or undefined). Not the probing: facts
// come from setup.mjs and start.mjs, so that every message can be tested without an old Node or a full disk.

const oldestNode = [20, 19]
const oldestPython = [3, 10]

/** @param {string} version as in process.versions.node */
export function nodeProblem(version) {
  if (atLeast(version, oldestNode)) return undefined
  return `Node ${version} is too old: shardlab needs Node ${oldestNode.join(".")} or newer. Install a current Node and run the command again.`
}

/** @param {{ version?: string, hasVenv?: boolean }} python what `python3` said; no version when it did not start */
export function pythonProblem(python) {
  if (python.version === undefined) {
    return `There is no python3 on the PATH: JupyterLab needs Python ${oldestPython.join(".")} or newer. Install python3 and python3-venv.`
  }
  if (!atLeast(python.version, oldestPython)) {
    return `Python ${python.version} is too old: JupyterLab needs ${oldestPython.join(".")} or newer. Put a newer python3 first on the PATH.`
  }
  if (!python.hasVenv) {
    const [major, minor] = python.version.split(".")
    return `python3 cannot make environments: its venv module is missing. On Debian and Ubuntu: apt-get install python${major}.${minor}-venv`
  }
  return undefined
}

/** @param {string} folder @param {boolean} writable */
export function folderProblem(folder, writable) {
  return writable
    ? undefined
    : `The folder ${folder} is read-only for this user: setup installs into it. Clone the project where you may write.`
}

/** @param {number} port @param {boolean} free */
export function portProblem(port, free) {
  return free
    ? undefined
    : `Port ${port} is taken. Stop what listens there, or choose another: npm start -- --port ${port + 1}`
}

/** What a failed package client meant. @param {"npm" | "pip"} client @param {string} output */
export function installProblem(client, output) {
  const registry = client === "npm" ? "the npm registry" : "the Python package index (PyPI)"
  const unreachable =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|Max retries exceeded|NewConnectionError|Temporary failure in name resolution|network/i
  if (unreachable.test(output)) {
    return `${client} could not reach ${registry}. Check the network or the proxy and run the command again: it goes on where it stopped.`
  }
  if (/ENOSPC|No space left/i.test(output)) return `The disk is full: ${client} could not write its packages.`
  return `${client} failed:\n${output.trim().split("\n").slice(-15).join("\n")}`
}

function atLeast(version, [major, minor]) {
  const [haveMajor, haveMinor] = version.split(".").map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}
