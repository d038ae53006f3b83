// The rows of `shardlab doctor` about clusters that can be started here: the environment of each, its versions, and the
// command that mends what is missing. Starts nothing.

import { daskInstall, findDask } from "../engine/dask/python.js"
import { findJava, javaVersion } from "../engine/spark/launch/java.js"
import { findPython, products } from "../engine/spark/launch/python.js"
import { ShardlabError } from "../errors.js"

interface Found {
  /** Package to version, with what else it needs. */
  readonly versions: Readonly<Record<string, string>>
  readonly python: string
  /** What pip is told, with the versions that are tested. */
  readonly install: string
}

const looks: Readonly<Record<string, () => Promise<Found>>> = {
  spark: async () => {
    const [home, java] = await Promise.all([findPython("spark"), findJava()])
    const versions = { pyspark: home.version, Java: String(await javaVersion(java)) }
    return { versions, python: home.python, install: products.spark.install }
  },
  sail: async () => {
    const { version, python } = await findPython("sail")
    return { versions: { pysail: version }, python, install: products.sail.install }
  },
  dask: async () => ({ ...(await findDask()), install: daskInstall }),
}

/** `spark: pyspark 4.3.0, Java 17, in .venv-spark/bin/python`, or why not and what to do. */
export function clusterLines(): Promise<string[]> {
  return Promise.all(Object.entries(looks).map(async ([name, look]) => `${name}: ${await lineOf(look)}`))
}

async function lineOf(look: () => Promise<Found>): Promise<string> {
  try {
    const { versions, python, install } = await look()
    const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
    return `${list.join(", ")}, in ${python}${otherVersions(versions, python, install)}`
  } catch (error) {
    if (!(error instanceof ShardlabError)) throw error
    return `not available, ${error.details.cause}. ${error.hint}`
  }
}

/** Said, not refused: other versions may work, and were not tried. */
function otherVersions(versions: Found["versions"], python: string, install: string): string {
  const pins = [...install.matchAll(/([\w-]+)(?:\[\w+\])?==([\d.]+)/g)]
  const others = pins.filter(
    ([, name, version]) => versions[name!] !== undefined && versions[name!] !== version,
  )
  if (others.length === 0) return ""
  const tested = others.map(([, name, version]) => `${name} ${version}`).join(", ")
  return `; tested with ${tested} (${python} -m pip install ${install})`
}
