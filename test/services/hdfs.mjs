// A real HDFS (MiniDFSCluster with WebHDFS): its jars come once through Maven, about 90 MB.
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { answers, freePort, installOnce, program, run, servicesFolder, startService } from "./service.mjs"

/** Why it cannot run here, or undefined. */
export function hdfsProblem() {
  if (program(["java"], "openjdk-17-jre-headless") === undefined)
    return "there is no Java, and it cannot be installed without root"
  if (program(["mvn"], "maven") === undefined)
    return "there is no Maven, and it cannot be installed without root"
  return undefined
}

export function installHdfs() {
  const folder = join(servicesFolder, "hadoop")
  const pom = join(import.meta.dirname, "hadoop-pom.xml")
  mkdirSync(folder, { recursive: true })
  installOnce(join(folder, "current"), readFileSync(pom, "utf8"), () => {
    run("mvn", ["-q", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${join(folder, "lib")}`])
  })
  return folder
}

export async function startHdfs() {
  const folder = installHdfs()
  const [rpc, http] = [await freePort(), await freePort()]
  const data = mkdtempSync(join(tmpdir(), "shardlab-hdfs-"))
  const source = join(import.meta.dirname, "MiniHdfs.java")
  const jvm = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", join(folder, "lib/*")]
  const endpoint = `http://127.0.0.1:${http}`
  const service = await startService("java", [...jvm, source, data, String(rpc), String(http)], {
    // Out of safe mode: it takes a folder.
    ready: () => answers(`${endpoint}/webhdfs/v1/?op=LISTSTATUS&user.name=root`),
    cwd: data,
    seconds: 120,
  })
  return { ...service, endpoint, uri: `hdfs://127.0.0.1:${rpc}` }
}
