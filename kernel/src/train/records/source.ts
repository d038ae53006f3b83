// Where a run comes from, as MLflow's own tags say it: the commit, the notebook, the user.

import { execFile } from "node:child_process"
import { userInfo } from "node:os"

export async function sourceTags(): Promise<Record<string, string>> {
  const commit = await gitCommit()
  // Jupyter tells its kernels which notebook they serve.
  const notebook = process.env.JPY_SESSION_NAME
  return {
    "mlflow.source.type": notebook === undefined ? "LOCAL" : "NOTEBOOK",
    "mlflow.source.name": notebook ?? process.argv[1] ?? "shardlab",
    ...(commit !== undefined && { "mlflow.source.git.commit": commit }),
  }
}

export function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container's user may have no entry.
    return process.env.USER ?? "unknown"
  }
}

/** Undefined outside a repository, and without git. */
function gitCommit(): Promise<string | undefined> {
  return new Promise(done => {
    execFile("git", ["rev-parse", "HEAD"], { cwd: process.cwd(), timeout: 2000 }, (error, out) =>
      done(error === null ? out.trim() : undefined),
    )
  })
}
