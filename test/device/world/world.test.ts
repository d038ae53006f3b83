// Processes that meet, as objects of one process over real sockets: what they exchange, and how each fault is told to all.
import { connect, createServer } from "node:net"
import { afterEach, expect, test } from "vitest"
import { Coordinator } from "../../../kernel/src/device/world/Coordinator.js"
import { type WorldFailure, worldError } from "../../../kernel/src/device/world/failure.js"
import { FrameReader, frameOf } from "../../../kernel/src/device/world/frames.js"
import { Membership } from "../../../kernel/src/device/world/Membership.js"
import { type Place, placeOf } from "../../../kernel/src/device/world/place.js"
import { freePort } from "../../services/service.mjs"

const opened: { close(): void }[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

async function coordinator(size: number, changes: Partial<Place> = {}): Promise<Place> {
  const port = (await freePort()) as number
  const token = "a secret of this test only"
  const place: Place = {
    launcher: "srun",
    rank: 0,
    size,
    localRank: 0,
    host: "127.0.0.1",
    port,
    token,
    joinSeconds: 60,
    ...changes,
  }
  const made = new Coordinator(place, "1.0.0")
  opened.push(made)
  await made.listen()
  return place
}

const member = (place: Place, changes: Partial<Place>, version = "1.0.0") =>
  new Membership({ ...place, ...changes }, version)

/** Why it could not join, for people. */
async function problem(joining: Promise<void>): Promise<string> {
  const failure = await joining.then(
    () => undefined,
    (failure: WorldFailure) => failure,
  )
  return failure === undefined ? "joined" : worldError(failure).message
}

async function together(size: number): Promise<Membership[]> {
  const place = await coordinator(size)
  const members = Array.from({ length: size }, (_, rank) => member(place, { rank }))
  await Promise.all(members.map(one => one.join()))
  return members
}

const bytes = (text: string) => new TextEncoder().encode(text)

test("values wait for whoever gives them, are given once, and are there or not", async () => {
  const [zero, one] = await together(2)
  const waiting = zero!.ask({ op: "get", key: "k", timeoutMs: 60_000 })
  expect(await one!.ask({ op: "tryGet", key: "k" })).toMatchObject({ ok: false, code: 5 })
  const large = new Uint8Array(3 * 2 ** 20).fill(7)
  expect(await one!.ask({ op: "put", key: "k", value: large })).toMatchObject({ ok: true })
  const answer = await waiting
  expect(answer.ok && Buffer.from(answer.value!).equals(large)).toBe(true)
  expect(await zero!.ask({ op: "put", key: "k", value: bytes("x") })).toMatchObject({ ok: false, code: 6 })
  const never = await zero!.ask({ op: "get", key: "never", timeoutMs: 1 })
  expect(never).toMatchObject({
    ok: false,
    code: 4,
    message: expect.stringContaining("nobody gave the key never"),
  })
})

test("a barrier opens when all have come, again and again, and says who did not", async () => {
  const [zero, one] = await together(2)
  for (let round = 0; round < 3; round++) {
    const both = [zero!, one!].map(rank => rank.ask({ op: "barrier", key: "b", timeoutMs: 60_000 }))
    expect(await Promise.all(both)).toEqual([
      { ok: true, value: bytes("") },
      { ok: true, value: bytes("") },
    ])
  }
  const alone = await zero!.ask({ op: "barrier", key: "b", timeoutMs: 1 })
  expect(alone).toMatchObject({ ok: false, code: 4, message: "rank 1 did not come to b within 1 ms" })
})

test("a rank that is lost is told to all who wait; one that leaves is not", async () => {
  const [zero, one, two] = await together(3)
  await two!.leave()
  const waiting = zero!.ask({ op: "get", key: "k", timeoutMs: 60_000 })
  one!.drop()
  expect(await waiting).toEqual({ ok: false, code: 14, message: "Rank 1 of 3 processes is gone." })
  expect(zero!.failure).toEqual({ code: "WORLD_LOST", details: { rank: 1, size: 3 } })
})

test("a rank that cannot go on tells the others why", async () => {
  const [zero, one] = await together(2)
  const waiting = one!.ask({ op: "get", key: "k", timeoutMs: 60_000 })
  await zero!.fail("No visible GPU devices")
  expect(await waiting).toMatchObject({ ok: false, code: 14 })
  expect(worldError(one!.failure!).message).toContain("rank 0 failed: No visible GPU devices")
})

test("who is missing is named to all who came", async () => {
  const place = await coordinator(4, { joinSeconds: 0.5 })
  const problems = await Promise.all([0, 2].map(rank => problem(member(place, { rank }).join())))
  for (const told of problems) expect(told).toContain("Rank 1, 3 of 4 processes did not come to 127.0.0.1:")
})

test("two of one rank, another size, another version: all are told, and nobody waits", async () => {
  const meeting = async (changes: Partial<Place>, version?: string) => {
    const place = await coordinator(3)
    const zero = problem(member(place, { rank: 0 }).join())
    const one = problem(member(place, { rank: 1 }).join())
    const wrong = problem(member(place, changes, version).join())
    return Promise.all([zero, one, wrong])
  }
  for (const told of await meeting({ rank: 1 }))
    expect(told).toContain("two processes say that they are rank 1")
  for (const told of await meeting({ rank: 2, size: 4 }))
    expect(told).toContain("rank 2 of 4, and rank 0 is one of 3")
  for (const told of await meeting({ rank: 2 }, "1.1.0"))
    expect(told).toContain("rank 2 runs shardlab 1.1.0, and rank 0 runs 1.0.0")
})

test("a stranger without the token learns nothing and disturbs nobody", async () => {
  const place = await coordinator(2)
  const stranger = await problem(member(place, { rank: 1, token: "a secret of another test" }).join())
  expect(stranger).toContain("rank 1 and who listens at 127.0.0.1:")
  expect(stranger).toContain("have different tokens")
  const heard: string[] = []
  for (const words of [frameOf({ op: "get", key: "k", id: 1 }), Buffer.from("GET / HTTP/1.1\r\n\r\n")]) {
    const socket = connect({ host: place.host, port: place.port })
    socket.on("data", piece => heard.push(String(piece))).on("error", () => {})
    socket.write(words)
    await new Promise(closed => socket.once("close", closed))
  }
  expect(heard).toEqual([])
  const members = [0, 1].map(rank => member(place, { rank }))
  expect(await Promise.all(members.map(one => problem(one.join())))).toEqual(["joined", "joined"])
})

test("a port that is taken, and one where somebody else answers or nobody", async () => {
  const other = createServer(socket => socket.on("error", () => {}).end("220 mail.example ESMTP\r\n"))
  await new Promise<void>(ready => other.listen(0, "127.0.0.1", ready))
  opened.push(other)
  const { port } = other.address() as { port: number }
  expect(await problem(coordinator(2, { port }).then(() => {}))).toContain(
    `Rank 0 cannot listen on 127.0.0.1:${port}: another program has the port.`,
  )
  const place = { ...(await coordinator(2)), rank: 1 }
  expect(await problem(member(place, { port }).join())).toContain("what answers there is no shardlab")
  const nobody = (await freePort()) as number
  const gone = member(place, { port: nobody, joinSeconds: 0.1 }, "1.0.0")
  expect(await problem(gone.join())).toContain(
    `Rank 1 did not reach rank 0 at 127.0.0.1:${nobody} within 0.1 s: nobody answers there`,
  )
})

test("messages come in any pieces; a length that is none is refused", () => {
  const stream = Buffer.concat([frameOf({ a: 1 }, bytes("one\ntwo")), frameOf({ b: "ü" })])
  const reader = new FrameReader()
  const read = [...stream].flatMap(byte => [...reader.read(Uint8Array.of(byte))])
  expect(read.map(({ header, body }) => [header, new TextDecoder().decode(body)])).toEqual([
    [{ a: 1 }, "one\ntwo"],
    [{ b: "ü" }, ""],
  ])
  expect(() => [...new FrameReader().read(Buffer.from("GET / HTTP/1.1"))]).toThrow("a message of")
})

const secret = { SHARDLAB_TOKEN: "sixteen letters and more" }
const torch = { RANK: "1", WORLD_SIZE: "2", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2" }
const slurm = {
  SLURM_PROCID: "1",
  SLURM_NTASKS: "2",
  SLURM_STEP_NODELIST: "gpu[007-012,015],login1",
  SLURM_JOB_ID: "4099",
}

test.each([
  ["one process", {}, undefined],
  ["a launch that names it", { ...torch, ...secret, SHARDLAB_COORDINATOR: "[::1]:4711" }, "::1 4711"],
  [
    "torchrun: beside PyTorch's store",
    { ...torch, ...secret, MASTER_ADDR: "node-1", MASTER_PORT: "29500" },
    "node-1 29501",
  ],
  ["srun: the first host, a port of the job's", { ...slurm, ...secret }, "gpu007 61443"],
  ["one host of Slurm's", { ...slurm, ...secret, SLURM_STEP_NODELIST: "big-1" }, "big-1 61443"],
  [
    "mpirun, which names no host",
    { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "2", ...secret },
    "lacks SHARDLAB_COORDINATOR",
  ],
  ["no secret", { ...slurm }, "lacks SHARDLAB_TOKEN"],
  ["a secret that is short", { ...slurm, SHARDLAB_TOKEN: "x" }, "lacks SHARDLAB_TOKEN"],
])("where they meet: %s", (_, env, expected) => {
  const place = placeOf(env)
  const told =
    place === undefined
      ? undefined
      : "lacks" in place
        ? `lacks ${place.lacks.split(" ")[0]}`
        : `${place.host} ${place.port}`
  expect(told).toBe(expected)
})
