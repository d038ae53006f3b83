// SeaweedFS, a real S3 server that checks signatures. Built from source with Go: about a quarter of an hour the first time,
// so only the deep tests use it. It is kept in .services.
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { accepts, freePort, program, run, servicesFolder, startService } from "./service.mjs"

const version = "v0.0.0-20261109003541-7506e5f91cd6"
const tool = "github.com/seaweedfs/seaweedfs/weed"

export const seaweedProblem = () =>
  program(["go", "/usr/local/go/bin/go"], "golang") === undefined
    ? "there is no Go to build it with"
    : undefined

function build() {
  const folder = join(servicesFolder, "seaweedfs")
  const binary = join(folder, "weed")
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  const go = program(["go", "/usr/local/go/bin/go"], "golang")
  writeFileSync(join(folder, "go.mod"), "module shardlab.test/seaweedfs\n\ngo 1.26\n")
  run(go, ["get", "-tool", `${tool}@${version}`], { cwd: folder })
  const env = { ...process.env, CGO_ENABLED: "0" }
  run(go, ["build", "-trimpath", "-ldflags=-s -w", "-o", "weed", tool], { cwd: folder, env })
  return binary
}

export async function startSeaweed() {
  const data = mkdtempSync(join(tmpdir(), "shardlab-seaweed-"))
  const keys = { accessKey: "deep-test-key", secretKey: "seaweed-secret-of-the-test" }
  const identities = [
    { name: "tester", credentials: [keys], actions: ["Admin", "Read", "Write", "List", "Tagging"] },
  ]
  writeFileSync(join(data, "s3.json"), JSON.stringify({ identities }))
  const [port, master, volume, filer] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const grpc = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const args = [
    "server",
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    `-dir=${data}`,
    "-s3",
    `-s3.port=${port}`,
    `-s3.port.grpc=${grpc[0]}`,
    `-s3.config=${join(data, "s3.json")}`,
    "-filer",
    `-filer.port=${filer}`,
    `-filer.port.grpc=${grpc[1]}`,
    `-master.port=${master}`,
    `-master.port.grpc=${grpc[2]}`,
    `-volume.port=${volume}`,
    `-volume.port.grpc=${grpc[3]}`,
  ]
  const service = await startService(build(), args, { ready: () => accepts(port), cwd: data, seconds: 120 })
  return { ...service, endpoint: `http://127.0.0.1:${port}`, ...keys }
}
