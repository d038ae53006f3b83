// Which Java runs Spark: JAVA_HOME or the one on the PATH, at least version 17.

import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { fail } from "../../../errors.js"

const needed = 17
const run = promisify(execFile)

/** The `java` command. @throws CLUSTER_START when there is none or it is too old. */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, "bin/java") : "java"
  const version = await javaVersion(java)
  if (version !== undefined && version >= needed) return java
  const cause =
    version === undefined ? `Java was not found (looked for \`${java}\`)` : `\`${java}\` is Java ${version}`
  throw fail("CLUSTER_START", {
    what: "Spark",
    cause: `${cause}, and Spark needs Java ${needed} or later`,
    fix: 'Install one, such as: apt-get install openjdk-17-jre-headless, or set JAVA_HOME. Sail needs no Java: connect("sail").',
  })
}

/** The major version, or undefined when it does not run. */
export async function javaVersion(java: string): Promise<number | undefined> {
  try {
    const { stderr, stdout } = await run(java, ["-version"])
    const found = /version "(\d+)/.exec(stderr + stdout)?.[1]
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  }
}
