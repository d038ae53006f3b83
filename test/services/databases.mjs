// Real PostgreSQL and MariaDB servers, each on a data folder of its own. Neither runs as root, so as root they run as the
// users that Debian's packages made for them.
import { chownSync, mkdtempSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { accepts, freePort, program, run, startService } from "./service.mjs"

const isRoot = process.getuid?.() === 0

/** Commands as the given user when we are root. @param {string} user @param {string[]} command @returns {[string, string[]]} */
function as(user, [first, ...rest]) {
  return isRoot ? ["runuser", ["-u", user, "--", first, ...rest]] : [first, rest]
}

/** @param {string} prefix @param {string} user */
function folderFor(prefix, user) {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  if (isRoot) chownSync(folder, Number(run("id", ["-u", user])), Number(run("id", ["-g", user])))
  return folder
}

/** Debian keeps the server's programs off the PATH. */
function postgresFolder() {
  const versions = "/usr/lib/postgresql"
  program([`${versions}/15/bin/postgres`, `${versions}/17/bin/postgres`, "postgres"], "postgresql")
  try {
    return join(versions, readdirSync(versions).sort().at(-1), "bin")
  } catch {
    return undefined
  }
}

export const postgresProblem = () =>
  postgresFolder() === undefined ? "PostgreSQL is not installed, and cannot be without root" : undefined

export async function startPostgres() {
  const bin = postgresFolder()
  const data = join(folderFor("shardlab-postgres-", "postgres"), "data")
  const password = "postgres-secret-of-the-test"
  const setup = `printf %s '${password}' > '${data}.pw' && '${bin}/initdb' -D '${data}' -U tester -A scram-sha-256 --pwfile='${data}.pw' --no-sync`
  run(...as("postgres", ["sh", "-c", setup]))
  const port = await freePort()
  const args = [
    "-D",
    data,
    "-p",
    String(port),
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    `unix_socket_directories=${data}`,
  ]
  const service = await startService(...as("postgres", [`${bin}/postgres`, ...args]), {
    ready: () => accepts(port),
  })
  return { ...service, port, password, address: `postgres://tester@127.0.0.1:${port}/postgres` }
}

const mariadbPrograms = ["/usr/sbin/mariadbd", "mariadbd"]
export const mariadbProblem = () =>
  program(mariadbPrograms, "mariadb-server") === undefined
    ? "MariaDB is not installed, and cannot be without root"
    : undefined

export async function startMariadb() {
  const server = program(mariadbPrograms, "mariadb-server")
  const data = join(folderFor("shardlab-mariadb-", "mysql"), "data")
  const password = "mysql-secret-of-the-test"
  run(
    ...as("mysql", [
      "mariadb-install-db",
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    ]),
  )
  const port = await freePort()
  const socket = join(data, "s")
  const args = [
    "--no-defaults",
    `--datadir=${data}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--socket=${socket}`,
  ]
  const service = await startService(...as("mysql", [server, ...args, `--pid-file=${data}/pid`]), {
    ready: () => accepts(port),
  })
  const sql = `CREATE DATABASE shop; CREATE USER tester@'127.0.0.1' IDENTIFIED BY '${password}'; GRANT ALL ON shop.* TO tester@'127.0.0.1';`
  run("mariadb", ["--no-defaults", `--socket=${socket}`, "-u", "root", "-e", sql])
  return { ...service, port, password, address: `mysql://tester@127.0.0.1:${port}/shop` }
}
