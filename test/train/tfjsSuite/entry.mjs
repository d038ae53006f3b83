// What the bundle is made of: all of tfjs with its cpu backend, and the tests that tfjs-core ships, around one tfjs-core.
// `setUp` runs before the tests are read, since each `describe` asks for the environments at once.
import "./setUp.mjs"
import "@tensorflow/tfjs-core/dist/tests.js"

export * from "@tensorflow/tfjs"
