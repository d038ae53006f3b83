// Jasmine's globals, and the one environment the tests see. It has the same name whatever the backend, so that a spec is
// called the same on each.
import "@tensorflow/tfjs"
import "@tensorflow/tfjs-core/dist/register_all_gradients.js"
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js"
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util.js"
import jasmineRequire from "jasmine-core/lib/jasmine-core/jasmine.js"

const jasmine = jasmineRequire.core(jasmineRequire)
const environment = jasmine.getEnv({ suppressLoadErrors: true })
Object.assign(globalThis, jasmineRequire.interface(jasmine, environment), { jasmine })
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000
setTestEnvs([{ name: "tested", backendName: process.env.TFJS_SUITE_BACKEND, isDataSync: true }])
