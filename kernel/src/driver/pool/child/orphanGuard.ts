// A thread of a pool worker: ends the process when its parent is gone, also when an item loops and hears nothing.

import { workerData } from "node:worker_threads"

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL")
}, 1000)
