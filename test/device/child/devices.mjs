// Prints what `devices()` finds on this machine, as JSON: run with VIRTUAL_ENV set to the environment to look at.
import { devices } from "../../../kernel/lib/index.js"

const list = devices()
const rows = list.map(({ id, inUse }) => ({ id, inUse }))
console.log(JSON.stringify({ rows, plugins: list.plugins, flags: process.env.XLA_FLAGS }))
