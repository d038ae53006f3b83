// Address to store. To add one: a class with the `Store` interface (or a `Dialect` of ObjectStore.ts), a scheme in uri.ts, a
// line here.

import { azureDialect } from "./azureDialect.js"
import { s3Access } from "./credentials/aws.js"
import { gcsAccess } from "./credentials/gcs.js"
import { HdfsStore } from "./hdfsStore.js"
import { HttpStore } from "./httpStore.js"
import { LocalStore } from "./localStore.js"
import { ObjectStore } from "./ObjectStore.js"
import type { Store } from "./Store.js"
import { s3Dialect } from "./s3Dialect.js"
import { type StoreKind, storeKind } from "./uri.js"

const all: Readonly<Record<StoreKind, Store>> = {
  file: new LocalStore(),
  s3: new ObjectStore(s3Dialect(s3Access)),
  gcs: new ObjectStore(s3Dialect(gcsAccess)),
  azure: new ObjectStore(azureDialect),
  http: new HttpStore(),
  hdfs: new HdfsStore(),
}

export function storeFor(uri: string): Store {
  return all[storeKind(uri)]
}
