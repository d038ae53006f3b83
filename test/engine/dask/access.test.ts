// Which keys of stores go to Dask's workers, and which addresses are refused by name. In process; nothing is asked.
import { afterEach, expect, test } from "vitest"
import { accessTo, keysMayTravel } from "../../../kernel/src/engine/dask/access.js"
import { stores } from "../../../kernel/src/store/settings.js"

afterEach(() => stores.clear())

test("keys go to workers of this machine or over TLS, and not over an open line", () => {
  for (const address of [
    "tcp://127.0.0.1:8786",
    "tcp://[::1]:8786",
    "tcp://localhost:8786",
    "tls://far:8786",
  ])
    expect([address, keysMayTravel(address)]).toEqual([address, true])
  for (const address of ["tcp://10.0.0.7:8786", "tcp://127.evil.example:8786", "ws://far:1", "far"])
    expect([address, keysMayTravel(address)]).toEqual([address, false])
  stores.s3({ keyId: "id", secret: "a-secret-key", sessionToken: "a-session-token", region: "eu-west-1" })
  const place = { kind: "s3", scheme: "https", region: "eu-west-1", virtual: true }
  expect(accessTo("s3://lake/x", "read", true)).toEqual({
    ...place,
    keys: { id: "id", secret: "a-secret-key", token: "a-session-token" },
  })
  expect(accessTo("s3://lake/x", "read", false)).toEqual(place)
})

test("services that speak S3, Google's dialect, Azure and its emulator", () => {
  stores.s3({ keyId: "id", secret: "a-secret-key", endpoint: "http://127.0.0.1:9000" })
  stores.gcs({ keyId: "id", secret: "a-secret-key" })
  stores.azure({ account: "acme", key: "a-key-of-azure" })
  stores.azure({
    scope: "az://local",
    account: "acme",
    sasToken: "sig=a-token",
    endpoint: "http://127.0.0.1:1/acme",
  })
  const keys = { id: "id", secret: "a-secret-key" }
  expect(accessTo("s3://lake/x", "read", true)).toMatchObject({
    endpoint: "127.0.0.1:9000",
    scheme: "http",
    virtual: false,
    keys,
  })
  expect(accessTo("gs://lake/x", "write", true)).toMatchObject({
    kind: "s3",
    endpoint: "storage.googleapis.com",
    keys,
  })
  expect(accessTo("az://lake/x", "read", true)).toEqual({
    kind: "azure",
    account: "acme",
    authority: ".blob.core.windows.net",
    scheme: "https",
    keys: { key: "a-key-of-azure" },
  })
  expect(accessTo("az://local/x", "read", true)).toMatchObject({
    authority: "127.0.0.1:1",
    scheme: "http",
    keys: { sas: "sig=a-token" },
  })
})

test("files need nothing; the web and HDFS are refused, and who has them is said", () => {
  expect(accessTo("/data/x.parquet", "read", true)).toBeUndefined()
  expect(accessTo("file:///data/x.parquet", "write", true)).toBeUndefined()
  expect(() => accessTo("https://host/x.csv", "read", true)).toThrow(
    "dask has no `read` of https: addresses. Engines that have it: duckdb",
  )
  expect(() => accessTo("hdfs://name/x", "write", true)).toThrow(
    "dask has no `write` of hdfs: addresses. Engines that have it: duckdb, spark",
  )
})
