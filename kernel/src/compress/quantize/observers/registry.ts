// Every observer by name. To add one: a file beside this, a line here, and its vectors in test/vectors.

import { minMax } from "./minMax.js"

export const observers = { minMax } as const

export type ObserverName = keyof typeof observers
