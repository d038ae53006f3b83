// Functions that Spark computes in a way no template can say. One row each; the catalog names them `@name`.

import type { SparkExpr } from "./expr.js"
import type { Filling } from "./template.js"

export const specials: Readonly<Record<string, (filling: Filling) => SparkExpr>> = {}
