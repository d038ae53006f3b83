// Every format by name. To add one: a file beside this, a line here, and its test in test/compress.

import { int8 } from "./int8.js"

export const formats = { int8 } as const

export type FormatName = keyof typeof formats
