// The stores against their services: S3 and Google's S3 dialect on moto, Azure Blob Storage on Azurite, reading from
// fake-gcs-server. One engine a store, so that each loads its own extension and secrets.
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { stores } from "../../kernel/src/store/settings.js"
import { startAzurite, startFakeGcs, startMoto } from "../services/objectStores.mjs"
import { storeConformance } from "./conformance.js"

const s3Secret = "s3-secret-of-the-test"
const gcsSecret = "gcs-secret-of-the-test"
let moto: Awaited<ReturnType<typeof startMoto>>
let azurite: Awaited<ReturnType<typeof startAzurite>>
let fakeGcs: Awaited<ReturnType<typeof startFakeGcs>>

beforeAll(async () => {
  ;[moto, azurite, fakeGcs] = await Promise.all([
    startMoto(["lake", "gcs-lake"]),
    startAzurite(),
    startFakeGcs(),
  ])
  process.env.AWS_ACCESS_KEY_ID = "test-key"
  process.env.AWS_SECRET_ACCESS_KEY = s3Secret
  process.env.AWS_ENDPOINT_URL_S3 = moto.endpoint
  process.env.AZURE_STORAGE_CONNECTION_STRING = azurite.connectionString
  stores.gcs({ scope: "gs://gcs-lake", keyId: "test-key", secret: gcsSecret, endpoint: moto.endpoint })
  await azurite.makeContainer("lake")
}, 600_000)

afterAll(async () => {
  stores.clear()
  await Promise.all([moto, azurite, fakeGcs].map(service => service?.stop()))
})

storeConformance({ name: "s3 on moto", root: () => "s3://lake/conformance", secrets: () => [s3Secret] })
storeConformance({ name: "gs on moto", root: () => "gs://gcs-lake/conformance", secrets: () => [gcsSecret] })
storeConformance({
  name: "az on Azurite",
  root: () => "az://lake/conformance",
  secrets: () => [azurite.accountKey],
})

test("gs on fake-gcs-server can be read", async () => {
  await fakeGcs.makeBucket("fake")
  const file = join(mkdtempSync(join(tmpdir(), "shardlab-gcs-")), "x.parquet")
  const engine = duckdbEngine()
  const read = createReader(engine)
  await read.rows([{ n: 1n }, { n: 2n }]).write.parquet(file)
  await fakeGcs.upload("fake", "t/x.parquet", readFileSync(file))
  stores.gcs({ scope: "gs://fake", keyId: "k", secret: gcsSecret, endpoint: fakeGcs.endpoint })
  expect(await (await read.parquet("gs://fake/t/x.parquet")).count()).toBe(2)
  await engine.close()
})

test("a profile of AWS's files gives the keys, and one that is missing is named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-aws-"))
  writeFileSync(
    join(folder, "credentials"),
    "[lake]\naws_access_key_id = k\naws_secret_access_key = profile-secret\n",
  )
  writeFileSync(
    join(folder, "config"),
    `[profile lake]\nendpoint_url = ${moto.endpoint}\nregion = eu-west-1\n`,
  )
  process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, "credentials")
  process.env.AWS_CONFIG_FILE = join(folder, "config")
  const { s3Access } = await import("../../kernel/src/store/credentials/aws.js")
  const env = { ...process.env, AWS_PROFILE: "lake", AWS_ACCESS_KEY_ID: "", AWS_ENDPOINT_URL_S3: undefined }
  expect(s3Access("s3://x/y", env)).toEqual({
    keyId: "k",
    secret: "profile-secret",
    endpoint: moto.endpoint,
    region: "eu-west-1",
    urlStyle: "path",
    from: "profile lake",
  })
  expect(() => s3Access("s3://x/y", { ...env, AWS_PROFILE: "lakes" })).toThrow(
    /`lakes`, which is missing.*Did you mean `lake`/,
  )
})

describe("a web server that wants a header and knows ranges", () => {
  const token = "Bearer web-token-of-the-test"
  const folder = mkdtempSync(join(tmpdir(), "shardlab-web-"))
  const server = createServer((request, response) => {
    if (request.headers.authorization !== token) return response.writeHead(401).end()
    const name = join(folder, new URL(request.url!, "http://x").pathname)
    if (!existsSync(name)) return response.writeHead(404).end()
    const bytes = readFileSync(name)
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? []
    const part = from === undefined ? bytes : bytes.subarray(Number(from), to ? Number(to) + 1 : undefined)
    const range =
      from === undefined
        ? {}
        : { "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` }
    response.writeHead(from === undefined ? 200 : 206, {
      "content-length": part.length,
      "accept-ranges": "bytes",
      ...range,
    })
    response.end(request.method === "HEAD" ? undefined : part)
  })
  const engine = duckdbEngine()
  const read = createReader(engine)
  let address = ""
  beforeAll(async () => {
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await read.rows([{ n: 7n }]).write.parquet(join(folder, "x.parquet"))
  })
  afterAll(async () => {
    await engine.close()
    server.close()
  })

  test("is read with the header, and refuses without one", async () => {
    await expect(read.parquet(`${address}/x.parquet`)).rejects.toThrow(
      /answered 401.*asked with no credentials/,
    )
    stores.http({ scope: address, headers: { authorization: token } })
    const frame = await read.parquet(`${address}/x.parquet?sig=hidden-signature`)
    expect(await frame.collect()).toEqual([{ n: 7n }])
    expect(String(await frame.explain())).toContain("sig=***")
    await expect(read.parquet(`${address}/y.parquet?sig=hidden-signature`)).rejects.toThrow(
      /y\.parquet\?sig=\*\*\*/,
    )
    await expect(read.rows([{ n: 7n }]).write.parquet(`${address}/z.parquet`)).rejects.toThrow(
      /can only be read/,
    )
  })
})
