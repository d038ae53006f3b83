// Signatures against the examples that AWS publishes, where credentials come from, and that they never show.
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { s3Access } from "../../kernel/src/store/credentials/aws.js"
import { azureAccess } from "../../kernel/src/store/credentials/azure.js"
import { redact, secret } from "../../kernel/src/store/redact.js"
import { emptyHash, hash, signed } from "../../kernel/src/store/s3Sign.js"
import { settingsFor, stores } from "../../kernel/src/store/settings.js"

afterEach(() => stores.clear())

const example = {
  keyId: "AKIAIOSFODNN7EXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
}
const then = new Date("2013-05-24T00:00:00Z")
const signature = (headers: Record<string, string>) => /Signature=(\w+)/.exec(headers.authorization!)![1]

test("the published examples of Signature Version 4: an object's range, a new object, a listing", () => {
  const bucket = "https://examplebucket.s3.amazonaws.com"
  const get = signed(example, "GET", new URL(`${bucket}/test.txt`), { range: "bytes=0-9" }, emptyHash, then)
  expect(signature(get)).toBe("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
  const headers = { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" }
  const text = hash("Welcome to Amazon S3.")
  const put = signed(example, "PUT", new URL(`${bucket}/test%24file.text`), headers, text, then)
  expect(signature(put)).toBe("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
  const list = signed(example, "GET", new URL(`${bucket}/?max-keys=2&prefix=J`), {}, emptyHash, then)
  expect(signature(list)).toBe("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
})

test("options win over the environment, which wins over profiles; a program can give the keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-aws-"))
  const keys = JSON.stringify({
    Version: 1,
    AccessKeyId: "p",
    SecretAccessKey: "process-secret",
    SessionToken: "process-token",
  })
  writeFileSync(join(folder, "keys.json"), keys)
  writeFileSync(
    join(folder, "config"),
    `[profile tool]\ncredential_process = cat ${join(folder, "keys.json")}\n`,
  )
  const env = {
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
    HOME: folder,
  }
  expect(s3Access("s3://b/k", env)).toEqual({
    from: "no credentials",
    region: "us-east-1",
    urlStyle: "vhost",
  })
  expect(s3Access("s3://b/k", { ...env, AWS_PROFILE: "tool" })).toMatchObject({
    keyId: "p",
    sessionToken: "process-token",
    from: "profile tool",
  })
  const own = {
    ...env,
    AWS_PROFILE: "tool",
    AWS_ACCESS_KEY_ID: "e",
    AWS_SECRET_ACCESS_KEY: "environment-secret",
  }
  expect(s3Access("s3://b/k", own)).toMatchObject({ keyId: "e", from: "AWS_ACCESS_KEY_ID" })
  stores.s3({ scope: "s3://b/", keyId: "o", secret: "option-secret", endpoint: "http://127.0.0.1:9" })
  expect(s3Access("s3://b/k", own)).toMatchObject({ keyId: "o", from: "stores.s3", urlStyle: "path" })
  expect(s3Access("s3://other/k", own)).toMatchObject({ keyId: "e" })
  expect(() => s3Access("s3://b/k", { ...env, AWS_ACCESS_KEY_ID: "e" })).not.toThrow()
  expect(() => s3Access("s3://c/k", { ...env, AWS_ACCESS_KEY_ID: "e" })).toThrow(/`secret` is missing/)
})

test("the longest scope counts, and mistakes are named", () => {
  stores.s3({ region: "all" })
  stores.s3({ scope: "s3://lake/raw/", region: "raw" })
  stores.s3({ scope: "s3://lake/", region: "lake" })
  const region = (uri: string) => settingsFor("s3", uri).region
  expect(["s3://lake/raw/x", "s3://lake/x", "s3://x/y"].map(region)).toEqual(["raw", "lake", "all"])
  expect(() => stores.s3({ regoin: "x" } as never)).toThrow(
    /`stores.s3` has no option `regoin`. Did you mean `region`/,
  )
  expect(() => stores.s3({ keyId: process.env.SHARDLAB_NO_SUCH_VARIABLE } as never)).toThrow(
    /`keyId` is undefined.*came out empty/,
  )
})

test("Azure's connection strings and their parts", () => {
  const text =
    "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a2V5LWtleS1rZXk=;EndpointSuffix=core.windows.net"
  const env = { AZURE_STORAGE_CONNECTION_STRING: text }
  expect(azureAccess("az://c/b", env)).toEqual({
    account: "acc",
    key: "a2V5LWtleS1rZXk=",
    endpoint: "https://acc.blob.core.windows.net",
    from: "AZURE_STORAGE_*",
  })
  expect(() => azureAccess("az://c/b", {})).toThrow(
    /no Azure storage account.*AZURE_STORAGE_CONNECTION_STRING/,
  )
})

test("redact: used secrets also percent-encoded, signatures and passwords of addresses", () => {
  secret("very/secret+value")
  const text = `very/secret+value very%2Fsecret%2Bvalue https://h/x?sig=abc%2F1&v=2 postgres://u:pw@h/db password='x y' https://h/?X-Amz-Signature=00&a=1`
  expect(redact(text)).toBe(
    "*** *** https://h/x?sig=***&v=2 postgres://u:***@h/db password=*** https://h/?X-Amz-Signature=***&a=1",
  )
  expect(redact("select key from t where a:b@c")).toBe("select key from t where a:b@c")
})
