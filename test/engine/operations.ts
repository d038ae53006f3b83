// Every operation of a frame with what it has to give, for any engine. Rows are compared without their order, unless the
// operation is about order. Small tables on purpose: an engine's own tests are about size.
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { col, count, desc, fn, lit, mean, struct, sum, when } from "../../kernel/src/frame/free.js"
import type { createReader } from "../../kernel/src/frame/reader.js"
import { type TypeLike, types } from "../../kernel/src/frame/typeValues.js"

type Read = ReturnType<typeof createReader>
type Rows = Record<string, unknown>[]

export interface Operation {
  readonly name: string
  readonly frame: (read: Read) => Pick<DataFrame, "plan" | "collect">
  readonly rows: Rows
  readonly ordered?: boolean
}

const people = (read: Read) =>
  read.rows(
    [
      { id: 1, name: "Ada", team: "a", pay: 10, boss: null },
      { id: 2, name: "Bo", team: "a", pay: 20, boss: 1 },
      { id: 3, name: "Cy", team: "b", pay: null, boss: 1 },
      { id: 4, name: "Di", team: null, pay: 40, boss: 2 },
    ],
    { id: "int32", name: "utf8", team: "utf8", pay: "float64", boss: "int32" },
  )
const teams = (read: Read) =>
  read.rows(
    [
      { team: "a", city: "Oslo", id: 100 },
      { team: "c", city: "Rome", id: 200 },
    ],
    { team: "utf8", city: "utf8", id: "int32" },
  )
const numbers = (read: Read, ...values: (number | null)[]) =>
  read.rows(
    values.map(n => ({ n })),
    { n: "int32" },
  )
const ids = (...values: number[]) => values.map(id => ({ id }))

/** Each text by itself, so that one that fails hides no other. */
const json = (read: Read, type: TypeLike, ...texts: (string | null)[]) =>
  read
    .rows(
      texts.map((text, i) => ({ i, text })),
      { i: "int32", text: "utf8" },
    )
    .select(f => ({ i: f.i, v: f.text.fromJson(type) }))
    .sort("i")
    .select("v") as unknown as Pick<DataFrame, "plan" | "collect">
const values = (...found: unknown[]) => found.map(v => ({ v }))

export const operations: readonly Operation[] = [
  {
    name: "filter",
    frame: read =>
      people(read)
        .filter(f => f.pay.gt(10))
        .select("id"),
    rows: ids(2, 4),
  },
  {
    name: "filter keeps no NULL",
    frame: read =>
      people(read)
        .filter(f => f.pay.gt(10).not())
        .select("id"),
    rows: ids(1),
  },
  {
    name: "select",
    frame: read =>
      people(read)
        .limit(4)
        .select(f => ({ n: f.name.upper(), twice: f.id.mul(2) })),
    rows: ["ADA", "BO", "CY", "DI"].map((n, i) => ({ n, twice: 2 * (i + 1) })),
  },
  {
    name: "with",
    frame: read =>
      people(read)
        .with({ id: col("id").add(1), one: lit("x") })
        .select("id", "one")
        .filter(f => f.id.lt(4)),
    rows: [2, 3].map(id => ({ id, one: "x" })),
  },
  {
    name: "drop and rename",
    frame: read => people(read).drop("name", "team", "pay", "boss").rename({ id: "key" }),
    rows: [1, 2, 3, 4].map(key => ({ key })),
  },
  {
    name: "cast and tryCast",
    frame: read =>
      read
        .rows([{ t: "7" }, { t: "x" }])
        .select(f => ({ t: f.t.tryCast("int32"), long: f.t.length().cast("int64") })),
    rows: [
      { t: 7, long: 1n },
      { t: null, long: 1n },
    ],
  },
  {
    name: "sort puts NULLs first, or last when asked",
    frame: read =>
      people(read)
        .sort(f => f.team.asc({ nulls: "last" }), desc("id"))
        .select("id"),
    rows: ids(2, 1, 3, 4),
    ordered: true,
  },
  {
    name: "limit and offset",
    frame: read => people(read).sort("id").offset(1).limit(2).select("id"),
    rows: ids(2, 3),
    ordered: true,
  },
  {
    name: "tail of a sort",
    frame: read => people(read).sort(desc("pay")).tail(2).select("id"),
    rows: ids(1, 3),
    ordered: true,
  },
  {
    name: "distinct",
    frame: read => numbers(read, 1, 1, null, null, 2).distinct(),
    rows: [{ n: 1 }, { n: null }, { n: 2 }],
  },
  {
    name: "dropDuplicates",
    frame: read =>
      people(read)
        .filter(f => f.team.isNotNull())
        .dropDuplicates("team")
        .select("team"),
    rows: [{ team: "a" }, { team: "b" }],
  },
  {
    name: "sample of everything and of nothing",
    frame: read =>
      people(read)
        .sample(1, { seed: 3 })
        .select("id")
        .unionByName(people(read).sample(0, { seed: 3 }).select("id")),
    rows: ids(1, 2, 3, 4),
  },
  {
    name: "randomSplit loses and doubles no row",
    frame: read => {
      const [a, b] = read.range(1000).randomSplit([0.3, 0.7], { seed: 11 })
      return a!.union(b!).agg({ rows: count(), different: fn.countDistinct(col("id")) })
    },
    rows: [{ rows: 1000n, different: 1000n }],
  },
  {
    name: "union keeps duplicates",
    frame: read => numbers(read, 1, 2).union(numbers(read, 2)),
    rows: [{ n: 1 }, { n: 2 }, { n: 2 }],
  },
  {
    name: "unionByName with missing columns",
    frame: read =>
      teams(read)
        .select("id", "team")
        .unionByName(teams(read).select("city", "id"), { allowMissing: true })
        .filter(f => f.id.eq(100)),
    rows: [
      { id: 100, team: "a", city: null },
      { id: 100, team: null, city: "Oslo" },
    ],
  },
  {
    name: "intersect",
    frame: read => numbers(read, 1, 1, 2, null).intersect(numbers(read, 1, 1, null)),
    rows: [{ n: 1 }, { n: null }],
  },
  {
    name: "intersectAll",
    frame: read => numbers(read, 1, 1, 2).intersectAll(numbers(read, 1, 1, 1)),
    rows: [{ n: 1 }, { n: 1 }],
  },
  { name: "except", frame: read => numbers(read, 1, 1, 2).except(numbers(read, 2)), rows: [{ n: 1 }] },
  {
    name: "exceptAll",
    frame: read => numbers(read, 1, 1, 2).exceptAll(numbers(read, 1)),
    rows: [{ n: 1 }, { n: 2 }],
  },
  {
    name: "inner join on a key, with a suffix",
    frame: read =>
      people(read).join(teams(read), { on: "team", suffix: "_team" }).select("id", "city", "id_team"),
    rows: [1, 2].map(id => ({ id, city: "Oslo", id_team: 100 })),
  },
  {
    name: "left join",
    frame: read =>
      people(read).join(teams(read).drop("id"), { on: "team", how: "left" }).select("id", "city"),
    rows: [
      { id: 1, city: "Oslo" },
      { id: 2, city: "Oslo" },
      { id: 3, city: null },
      { id: 4, city: null },
    ],
  },
  {
    name: "right join keeps the key",
    frame: read =>
      people(read).select("name", "team").join(teams(read).drop("id"), { on: "team", how: "right" }),
    rows: [
      { name: "Ada", team: "a", city: "Oslo" },
      { name: "Bo", team: "a", city: "Oslo" },
      { name: null, team: "c", city: "Rome" },
    ],
  },
  {
    name: "full join keeps keys of both sides",
    frame: read =>
      people(read).select("id", "team").join(teams(read).drop("id"), { on: "team", how: "full" }),
    rows: [
      { id: 1, team: "a", city: "Oslo" },
      { id: 2, team: "a", city: "Oslo" },
      { id: 3, team: "b", city: null },
      { id: 4, team: null, city: null },
      { id: null, team: "c", city: "Rome" },
    ],
  },
  {
    name: "semi join",
    frame: read => people(read).join(teams(read), { on: "team", how: "semi" }).select("id"),
    rows: ids(1, 2),
  },
  {
    name: "anti join keeps NULL keys",
    frame: read => people(read).join(teams(read), { on: "team", how: "anti" }).select("id"),
    rows: ids(3, 4),
  },
  {
    name: "join on two differently named columns",
    frame: read =>
      people(read)
        .select("id", "boss")
        .join(people(read).select("id", "name"), { on: ["boss", "id"] })
        .select("id", "name"),
    rows: [
      { id: 2, name: "Ada" },
      { id: 3, name: "Ada" },
      { id: 4, name: "Bo" },
    ],
  },
  {
    name: "join on a condition",
    frame: read =>
      people(read)
        .join(people(read), { on: (l, r) => l.pay.lt(r.pay).and(l.id.ne(r.id)), suffix: "_more" })
        .select("id", "id_more"),
    rows: [
      { id: 1, id_more: 2 },
      { id: 1, id_more: 4 },
      { id: 2, id_more: 4 },
    ],
  },
  {
    name: "semi join on a condition over both sides",
    frame: read =>
      people(read)
        .join(people(read), { on: (l, r) => l.team.eq(r.team).and(l.id.ne(r.id)), how: "semi" })
        .select("id"),
    rows: ids(1, 2),
  },
  {
    name: "crossJoin",
    frame: read => numbers(read, 1, 2).crossJoin(numbers(read, 7)),
    rows: [
      { n: 1, n_right: 7 },
      { n: 2, n_right: 7 },
    ],
  },
  {
    name: "groupBy and agg",
    frame: read =>
      people(read)
        .groupBy("team")
        .agg(f => ({ n: count(), pay: sum(f.pay), low: f.id.min() })),
    rows: [
      { team: "a", n: 2n, pay: 30, low: 1 },
      { team: "b", n: 1n, pay: null, low: 3 },
      { team: null, n: 1n, pay: 40, low: 4 },
    ],
  },
  {
    name: "agg of an empty frame",
    frame: read =>
      people(read)
        .filter(f => f.id.lt(0))
        .agg(f => ({ n: count(), pay: sum(f.pay) })),
    rows: [{ n: 0n, pay: null }],
  },
  {
    name: "arithmetic of aggregations",
    frame: read =>
      people(read).agg(f => ({ r: sum(f.pay).div(f.pay.count()), m: mean(f.pay).sub(f.pay.min()) })),
    rows: [{ r: 70 / 3, m: 70 / 3 - 10 }],
  },
  {
    name: "rollup",
    frame: read =>
      people(read)
        .filter(f => f.team.isNotNull())
        .rollup("team")
        .agg(f => ({ n: count(), all: fn.grouping(f.team) })),
    rows: [
      { team: "a", n: 2n, all: 0 },
      { team: "b", n: 1n, all: 0 },
      { team: null, n: 3n, all: 1 },
    ],
  },
  {
    name: "cube",
    frame: read =>
      numbers(read, 1, 2)
        .with({ k: lit("x") })
        .cube("n", "k")
        .agg({ c: count() }),
    rows: [
      { n: 1, k: "x", c: 1n },
      { n: 2, k: "x", c: 1n },
      { n: 1, k: null, c: 1n },
      { n: 2, k: null, c: 1n },
      { n: null, k: "x", c: 2n },
      { n: null, k: null, c: 2n },
    ],
  },
  {
    name: "rollup of no rows has no total",
    frame: read =>
      people(read)
        .filter(f => f.id.lt(0))
        .rollup("team")
        .agg({ n: count() }),
    rows: [],
  },
  {
    name: "pivot",
    frame: read =>
      people(read)
        .filter(f => f.team.isNotNull())
        .groupBy("team")
        .pivot("id", [1, 3])
        .agg(f => ({ n: count(), pay: sum(f.pay) })),
    rows: [
      { team: "a", "1_n": 1n, "1_pay": 10, "3_n": null, "3_pay": null },
      { team: "b", "1_n": null, "1_pay": null, "3_n": 1n, "3_pay": null },
    ],
  },
  {
    name: "unpivot",
    frame: read =>
      people(read)
        .filter(f => f.id.lte(2))
        .unpivot({ ids: ["name"], values: ["id", "boss"], name: "what", value: "who" }),
    rows: [
      { name: "Ada", what: "id", who: 1 },
      { name: "Ada", what: "boss", who: null },
      { name: "Bo", what: "id", who: 2 },
      { name: "Bo", what: "boss", who: 1 },
    ],
  },
  {
    name: "explode with a position",
    frame: read =>
      read
        .rows([{ t: "a,b" }])
        .select(f => ({ k: lit(1), l: f.t.split(",") }))
        .explode("l", { as: "e", position: "at" }),
    rows: [
      { k: 1, at: 0, e: "a" },
      { k: 1, at: 1, e: "b" },
    ],
  },
  {
    name: "explode outer keeps rows without elements",
    frame: read =>
      numbers(read, 1, 2)
        .select(f => ({ n: f.n, l: when(f.n.eq(1), fn.array(f.n, f.n)).otherwise(lit(null)) }))
        .explode("l", { outer: true }),
    rows: [
      { n: 1, l: 1 },
      { n: 1, l: 1 },
      { n: 2, l: null },
    ],
  },
  {
    name: "windows: running sum, rank in a group, the row before",
    frame: read =>
      people(read)
        .filter(f => f.id.lte(3))
        .select(f => ({
          id: f.id,
          total: f.id.sum().over({ orderBy: f.id }),
          two: f.id.sum().over({ orderBy: "id", rows: [-1, 0] }),
          all: f.id.sum().over({ partitionBy: "team" }),
          place: fn.rank().over({ partitionBy: "team", orderBy: desc("id") }),
          before: fn.lag(f.id).over({ orderBy: "id" }),
        })),
    rows: [
      { id: 1, total: 1n, two: 1n, all: 3n, place: 2, before: null },
      { id: 2, total: 3n, two: 3n, all: 3n, place: 1, before: 1 },
      { id: 3, total: 6n, two: 5n, all: 3n, place: 1, before: 2 },
    ],
  },
  {
    name: "window over a range of values",
    frame: read =>
      numbers(read, 1, 2, 5).select(f => ({
        n: f.n,
        near: count(f.n).over({ orderBy: f.n, range: [-1, 1] }),
      })),
    rows: [
      { n: 1, near: 2n },
      { n: 2, near: 2n },
      { n: 5, near: 1n },
    ],
  },
  {
    name: "describe",
    frame: read => people(read).describe("name", "pay"),
    rows: [
      { summary: "count", name: "4", pay: "3" },
      { summary: "mean", name: null, pay: String(70 / 3) },
      {
        summary: "stddev",
        name: null,
        pay: String(Math.sqrt(((10 - 70 / 3) ** 2 + (20 - 70 / 3) ** 2 + (40 - 70 / 3) ** 2) / 2)),
      },
      { summary: "min", name: "Ada", pay: "10.0" },
      { summary: "max", name: "Di", pay: "40.0" },
    ],
    ordered: true,
  },
  {
    name: "fillNull",
    frame: read =>
      people(read)
        .select("id", "team", "pay")
        .fillNull({ team: "?", pay: 0 })
        .filter(f => f.id.gte(3)),
    rows: [
      { id: 3, team: "b", pay: 0 },
      { id: 4, team: "?", pay: 40 },
    ],
  },
  { name: "dropNull", frame: read => people(read).dropNull("team", "pay").select("id"), rows: ids(1, 2) },
  {
    name: "dropNull with at least so many values",
    frame: read => people(read).dropNull({ atLeast: 5 }).select("id"),
    rows: ids(2),
  },
  {
    name: "replace",
    frame: read =>
      people(read)
        .replace(new Map([["a", "alpha"]]), "team")
        .select("id", "team")
        .filter(f => f.id.lte(3)),
    rows: [
      { id: 1, team: "alpha" },
      { id: 2, team: "alpha" },
      { id: 3, team: "b" },
    ],
  },
  {
    name: "structs, lists and maps come back as they are",
    frame: read =>
      numbers(read, 1).select(f => ({
        s: struct({ a: f.n, t: lit("x") }),
        l: fn.array(f.n, f.n.add(1)),
        m: fn.mapFromArrays(fn.array(lit("k")), fn.array(f.n)),
        deep: fn.array(struct({ d: f.n.cast({ decimal: [5, 2] }) })),
      })),
    rows: [{ s: { a: 1, t: "x" }, l: [1, 2], m: new Map([["k", 1]]), deep: [{ d: "1.00" }] }],
  },
  {
    name: "fromJson: a struct, also of what is malformed or no object",
    frame: read =>
      json(
        read,
        { a: "int32", "b c": { "d/~e": "utf8" } },
        '{"a":1,"b c":{"d/~e":"x"},"more":0}',
        ' {"b c":null} ',
        '{"b c":{}}',
        '{"b c":7,"a":2}',
        '{"a":1',
        "[1]",
        "7",
        "null",
        null,
      ),
    rows: values(
      { a: 1, "b c": { "d/~e": "x" } },
      { a: null, "b c": null },
      { a: null, "b c": { "d/~e": null } },
      { a: 2, "b c": null },
      ...Array(4).fill({ a: null, "b c": null }),
      null,
    ),
    ordered: true,
  },
  {
    name: "fromJson of blank text is NULL",
    frame: read => json(read, { a: "int32" }, "", "  "),
    rows: values(null, null),
  },
  {
    name: "fromJson: a value of another kind is NULL",
    frame: read =>
      json(
        read,
        { i: "int32", l: "int64", x: "float64", b: "boolean", t: "utf8", d: { decimal: "float64" } },
        '{"i":-7,"l":9007199254740993,"x":2,"b":true,"t":"\\u00e9\\n","d":{"decimal":1e2}}',
        '{"i":"1","l":1.0,"x":"2.5","b":1,"t":3,"d":[]}',
        '{"i":1.5,"l":99999999999999999999,"x":true,"b":"true","t":{"x": [1, 2]}}',
        '{"i":true,"l":null,"x":null,"b":null,"t":true}',
      ),
    rows: values(
      { i: -7, l: 9007199254740993n, x: 2, b: true, t: "é\n", d: { decimal: 100 } },
      { i: null, l: null, x: null, b: null, t: "3", d: null },
      { i: null, l: null, x: null, b: null, t: '{"x":[1,2]}', d: null },
      { i: null, l: null, x: null, b: null, t: "true", d: null },
    ),
    ordered: true,
  },
  {
    name: "fromJson: a number that does not fit is NULL",
    frame: read =>
      json(read, { i: "int32", t: "int8", d: types.decimal(5, 2) }, '{"i":3000000000,"t":300,"d":12345.6}'),
    rows: values({ i: null, t: null, d: null }),
  },
  {
    name: "fromJson: numbers that JSON lacks come as text, bytes as base64",
    frame: read =>
      json(read, { x: "float64", b: "binary" }, '{"x":"NaN","b":"YWI="}', '{"x":"-INF"}', '{"x":"Infinity"}'),
    rows: values(
      { x: Number.NaN, b: new Uint8Array([97, 98]) },
      { x: Number.NEGATIVE_INFINITY, b: null },
      { x: Number.POSITIVE_INFINITY, b: null },
    ),
    ordered: true,
  },
  {
    name: "fromJson: decimals",
    frame: read => json(read, { d: types.decimal(5, 2) }, '{"d":1.005}', '{"d":"-0.5"}', '{"d":true}'),
    rows: values({ d: "1.01" }, { d: "-0.50" }, { d: null }),
    ordered: true,
  },
  {
    name: "fromJson: days, wall clocks and instants",
    frame: read =>
      json(
        read,
        { day: "date", at: "timestamp", instant: "timestamptz" },
        '{"day":"2024-02-29","at":"2024-02-29 10:00:00","instant":"2024-02-29 10:00:00"}',
        '{"day":"2024-02-29T10:00:00","at":"2024-02-29T10:00:00.5","instant":"2024-02-29T10:00:00.123+02:00"}',
        '{"day":"29.2.2024","at":"2024-02-29T10:00:00Z","instant":1700000000}',
        '{"day":19000,"at":"2024-02-29","instant":"2024-02-29"}',
      ),
    rows: values(
      ...[
        ["2024-02-29", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"],
        ["2024-02-29", "2024-02-29T10:00:00.5Z", "2024-02-29T08:00:00.123Z"],
        [null, null, "2023-11-14T22:13:20Z"],
        [null, "2024-02-29", "2024-02-29"],
      ].map(row => {
        const [day, at, instant] = row.map(text => (text === null ? null : new Date(text)))
        return { day, at, instant }
      }),
    ),
    ordered: true,
  },
  {
    name: "fromJson: lists",
    frame: read => json(read, types.list("int32"), "[1,null,3]", "[]", '{"a":1}', "[1", "null", "7"),
    rows: values([1, null, 3], [], null, null, null, null),
    ordered: true,
  },
  {
    name: "fromJson: lists of structs, also of a single one",
    frame: read =>
      json(read, types.list({ a: "int32", b: "int32" }), '[{"a":1},null]', '{"b":2}', '[{"a":"x","b":1}]'),
    rows: values([{ a: 1, b: null }, null], [{ a: null, b: 2 }], [{ a: null, b: 1 }]),
    ordered: true,
  },
  {
    name: "fromJson: maps",
    frame: read =>
      json(
        read,
        types.map("utf8", types.list("float64")),
        '{"a/b":[1.5],"~c":null,"\\"":[]}',
        "{}",
        "[1]",
        '{"a":',
      ),
    rows: values(
      new Map<string, unknown>([
        ["a/b", [1.5]],
        ["~c", null],
        ['"', []],
      ]),
      new Map(),
      null,
      null,
    ),
    ordered: true,
  },
  {
    name: "fromJson: an element that does not fit makes its list or map NULL",
    frame: read =>
      json(
        read,
        {
          l: types.list("int32"),
          deep: types.list(types.list("int32")),
          m: types.map("utf8", "int32"),
          n: "int32",
        },
        '{"l":[1,"x"],"deep":[[1],[2,"x"]],"m":{"a":1,"b":"x"},"n":1}',
        '{"l":[1],"deep":[[1],null],"m":{"a":1,"b":null},"n":2}',
      ),
    rows: values(
      { l: null, deep: null, m: null, n: 1 },
      {
        l: [1],
        deep: [[1], null],
        m: new Map([
          ["a", 1],
          ["b", null],
        ]),
        n: 2,
      },
    ),
    ordered: true,
  },
  {
    name: "toJson leaves NULL fields out, not NULL elements",
    frame: read =>
      numbers(read, 1, null).select(f => ({
        s: struct({ n: f.n, t: lit('q"\n'), deep: struct({ n: f.n }) }).toJson(),
        l: fn.array(f.n, 2).toJson(),
        m: fn.mapFromArrays(fn.array("k"), fn.array(f.n)).toJson(),
        e: fn
          .array(f.n)
          .filter(x => x.gt(1))
          .toJson(),
      })),
    rows: [
      { s: '{"n":1,"t":"q\\"\\n","deep":{"n":1}}', l: "[1,2]", m: '{"k":1}', e: "[]" },
      { s: '{"t":"q\\"\\n","deep":{}}', l: "[null,2]", m: '{"k":null}', e: "[]" },
    ],
  },
  {
    name: "toJson: numbers, days and times",
    frame: read =>
      numbers(read, 3).select(f => ({
        v: struct({
          d: f.n.cast({ decimal: [5, 2] }),
          x: f.n.div(2),
          nan: lit(Number.NaN),
          day: lit(new Date("2024-02-29")).cast("date"),
          at: lit(new Date("2024-02-29T10:00:00.12Z")),
          b: lit(new Uint8Array([97, 98])),
        }).toJson(),
      })),
    rows: values(
      '{"d":3.00,"x":1.5,"nan":"NaN","day":"2024-02-29","at":"2024-02-29T10:00:00.120","b":"YWI="}',
    ),
  },
  {
    name: "fields of structs",
    frame: read =>
      numbers(read, 1)
        .select(f => ({ s: struct({ a: f.n }) }))
        .select(f => ({ a: f.s.field("a") })),
    rows: [{ a: 1 }],
  },
  {
    name: "decimals are exact",
    frame: read =>
      numbers(read, 1).select(f => {
        const price = lit("19.99").cast({ decimal: [10, 2] })
        return { sum: price.add(0.01), product: price.mul(3), sub: f.n.sub(price), less: price.lt(20) }
      }),
    rows: [{ sum: "20.00", product: "59.97", sub: "-18.99", less: true }],
  },
  {
    name: "constants take the type of the decimal beside them",
    frame: read =>
      numbers(read, 3).select(f => {
        const price = f.n.cast({ decimal: [10, 2] })
        return { left: lit(1).sub(price), share: lit(0.05).mul(price), big: fn.add(7n, price), one: lit(1) }
      }),
    rows: [{ left: "-2.00", share: "0.1500", big: "10.00", one: 1 }],
  },
  {
    name: "dates and instants",
    frame: read =>
      numbers(read, 1).select({
        day: lit(new Date("2024-02-29T10:00:00Z")).cast("date"),
        at: lit(new Date("2024-02-29T10:00:00.123Z")),
        instant: fn.atTimeZone(lit(new Date("2024-02-29T10:00:00Z")), "Asia/Tokyo"),
      }),
    rows: [
      {
        day: new Date("2024-02-29"),
        at: new Date("2024-02-29T10:00:00.123Z"),
        instant: new Date("2024-02-29T01:00:00Z"),
      },
    ],
  },
  {
    name: "time cut to each unit",
    frame: read =>
      numbers(read, 1).select(() => {
        const at = lit(new Date("2024-08-29T10:11:12.345Z"))
        const units = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
        return Object.fromEntries(units.map(unit => [unit, at.dateTrunc(unit)]))
      }),
    rows: [
      {
        second: new Date("2024-08-29T10:11:12Z"),
        minute: new Date("2024-08-29T10:11:00Z"),
        hour: new Date("2024-08-29T10:00:00Z"),
        day: new Date("2024-08-29"),
        week: new Date("2024-08-26"),
        month: new Date("2024-08-01"),
        quarter: new Date("2024-07-01"),
        year: new Date("2024-01-01"),
      },
    ],
  },
  { name: "range", frame: read => read.range(2, 9, 3), rows: [{ id: 2n }, { id: 5n }, { id: 8n }] },
  {
    name: "repartition, coalesce and hint change no row",
    frame: read =>
      people(read).repartition(3, "team").repartitionBy("id").coalesce(1).hint("broadcast").select("id"),
    rows: ids(1, 2, 3, 4),
  },
  {
    name: "cache gives the same rows",
    frame: read =>
      people(read)
        .filter(f => f.id.gt(2))
        .cache()
        .select("id"),
    rows: ids(3, 4),
  },
]

/** An as-of join is apart: not every engine has it. */
export const asOf: Operation = {
  name: "asOfJoin",
  frame: read =>
    read
      .rows(
        [
          { at: 1, k: "x" },
          { at: 5, k: "x" },
          { at: 9, k: "y" },
        ],
        { at: "int32", k: "utf8" },
      )
      .asOfJoin(
        read.rows(
          [
            { at: 0, k: "x", p: 1 },
            { at: 4, k: "x", p: 2 },
          ],
          { at: "int32", k: "utf8", p: "int32" },
        ),
        { time: "at", on: "k" },
      )
      .select("at", "p"),
  rows: [
    { at: 1, p: 1 },
    { at: 5, p: 2 },
    { at: 9, p: null },
  ],
}
