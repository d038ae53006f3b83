// `scale` as a cell sees it: the policies by name, and what helps to understand them.

import { explain } from "./explain.js"
import { why } from "./loop.js"
import { metric } from "./metrics.js"
import { policies } from "./policies/registry.js"

export const scale = { ...policies, metric, explain, why } as const
