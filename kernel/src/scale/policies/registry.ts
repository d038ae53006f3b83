// Every policy by name. To add one: a file beside this, a line here, and its vectors in test/vectors.

import { hpa } from "./hpa.js"
import { knative } from "./knative.js"

export const policies = { hpa, knative } as const
