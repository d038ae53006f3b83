// Address to store. To add one: a class with the `Store` interface, a scheme in uri.ts, a line here.

import { AzureStore } from "./azureStore.js"
import { s3Access } from "./credentials/aws.js"
import { gcsAccess } from "./credentials/gcs.js"
import { HdfsStore } from "./hdfsStore.js"
import { HttpStore } from "./httpStore.js"
import { LocalStore } from "./localStore.js"
import type { Store } from "./Store.js"
import { S3Store } from "./s3Store.js"
import { type StoreKind, storeKind } from "./uri.js"

const all: Readonly<Record<StoreKind, Store>> = {
  file: new LocalStore(),
  s3: new S3Store(s3Access),
  gcs: new S3Store(gcsAccess),
  azure: new AzureStore(),
  http: new HttpStore(),
  hdfs: new HdfsStore(),
}

export function storeFor(uri: string): Store {
  return all[storeKind(uri)]
}
