// The S3 store against a server that checks signatures: SeaweedFS. `npm run test:deep`.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { send } from "../../kernel/src/store/http.js"
import { storeFor } from "../../kernel/src/store/registry.js"
import { emptyHash, signed } from "../../kernel/src/store/s3Sign.js"
import { stores } from "../../kernel/src/store/settings.js"
import { seaweedProblem, startSeaweed } from "../services/seaweedfs.mjs"
import { storeConformance } from "./conformance.js"

const problem = seaweedProblem()
if (problem !== undefined) console.log(`skipped: SeaweedFS, because ${problem}`)
let weed: Awaited<ReturnType<typeof startSeaweed>>

describe.skipIf(problem !== undefined)("s3 with signatures", () => {
  beforeAll(async () => {
    weed = await startSeaweed()
    stores.s3({ keyId: weed.accessKey, secret: weed.secretKey, endpoint: weed.endpoint })
    const url = new URL(`${weed.endpoint}/lake`)
    const own = { keyId: weed.accessKey, secret: weed.secretKey, region: "us-east-1" }
    const made = await send(() => ({ method: "PUT", url, headers: signed(own, "PUT", url, {}, emptyHash) }))
    expect(made.status).toBe(200)
  }, 1_800_000)
  afterAll(async () => {
    stores.clear()
    await weed?.stop()
  })

  storeConformance({
    name: "s3 on SeaweedFS",
    root: () => "s3://lake/conformance",
    secrets: () => [weed.secretKey],
  })

  test("a wrong secret and no secret are refused, with where the keys came from", async () => {
    stores.s3({
      scope: "s3://lake/wrong",
      keyId: weed.accessKey,
      secret: "not-the-secret",
      endpoint: weed.endpoint,
    })
    await expect(storeFor("s3:").list("s3://lake/wrong/")).rejects.toThrow(
      /answered 403.*asked with stores\.s3/,
    )
    stores.s3({ scope: "s3://lake/anonymous", endpoint: weed.endpoint })
    await expect(storeFor("s3:").list("s3://lake/anonymous/")).rejects.toThrow(
      /answered 403.*asked with no credentials/,
    )
  })
})
