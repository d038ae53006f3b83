// Lists, maps, structs and JSON. Functions over elements take a TypeScript function of expressions: x => x.add(1).

import { fn } from "./FunctionRow.js"

const list = "fn.array(3, 1, 2)"
const map = "fn.mapFromArrays(fn.array('a', 'b'), fn.array(1, 2))"

export const nested = {
  array: fn("(E, ...others: E) -> list<E>", "A list of the values.", ["fn.array(1, 2)", [1, 2]], {
    nulls: "never",
    duckdb: "list_value",
  }),
  size: fn("(list<E>) -> int32", "Number of elements.", [`fn.size(${list})`, 3], {
    duckdb: "CAST(len($1) AS INTEGER)",
  }),
  get: fn(
    "(list<E>, index: integer) -> E?",
    "The element at `index`, from 0; NULL outside.",
    [`fn.get(${list}, 0)`, 3],
    {
      duckdb: "(CASE WHEN $2 >= 0 THEN $1[$2 + 1] END)",
      spark: "get($1, cast($2, int))",
    },
  ),
  elementAt: fn(
    "(list<E>, position: integer) -> E?",
    "The element at `position`, from 1, negative from the end; NULL outside.",
    [`fn.elementAt(${list}, -1)`, 2],
    {
      duckdb: "$1[$2]",
      spark: "try_element_at($1, cast($2, int))",
    },
  ),
  arrayContains: fn(
    "(list<E>, element: E) -> boolean",
    "Is the element in it?",
    [`fn.arrayContains(${list}, 2)`, true],
    { duckdb: "list_contains" },
  ),
  arrayPosition: fn(
    "(list<E>, element: E) -> int64",
    "Position of the element from 1, or 0.",
    [`fn.arrayPosition(${list}, 1)`, 2n],
    {
      duckdb: "CAST(coalesce(list_position($1, $2), 0) AS BIGINT)",
    },
  ),
  arrayDistinct: fn(
    "(list<E>) -> list<E>",
    "Each element once, in order of its first place.",
    ["fn.arrayDistinct(fn.array(2, 1, 2))", [2, 1]],
    {
      duckdb: "list_filter($1, lambda x, i: list_position($1, x) = i)",
    },
  ),
  arrayUnion: fn(
    "(list<E>, other: list<E>) -> list<E>",
    "Elements of either, each once.",
    ["fn.arrayUnion(fn.array(2, 1), fn.array(1, 3))", [2, 1, 3]],
    {
      duckdb: "list_filter(list_concat($1, $2), lambda x, i: list_position(list_concat($1, $2), x) = i)",
    },
  ),
  arrayIntersect: fn(
    "(list<E>, other: list<E>) -> list<E>",
    "Elements of both, each once.",
    ["fn.arrayIntersect(fn.array(2, 1), fn.array(1, 3))", [1]],
    {
      duckdb: "list_filter($1, lambda x, i: list_position($1, x) = i AND list_contains($2, x))",
    },
  ),
  arrayExcept: fn(
    "(list<E>, other: list<E>) -> list<E>",
    "Elements of the first only, each once.",
    ["fn.arrayExcept(fn.array(2, 1), fn.array(1, 3))", [2]],
    {
      duckdb: "list_filter($1, lambda x, i: list_position($1, x) = i AND NOT list_contains($2, x))",
    },
  ),
  arraysOverlap: fn(
    "(list<E>, other: list<E>) -> boolean",
    "Have they an element in common?",
    ["fn.arraysOverlap(fn.array(2, 1), fn.array(1, 3))", true],
    { duckdb: "list_has_any" },
  ),
  arrayJoin: fn(
    "(list<text>, separator: text) -> text",
    "One text; NULL elements are left out.",
    ["fn.arrayJoin(fn.array('a', 'b'), '-')", "a-b"],
    { duckdb: "array_to_string" },
  ),
  arrayMax: fn("(list<E>) -> E?", "The largest element.", [`fn.arrayMax(${list})`, 3], {
    duckdb: "list_max",
  }),
  arrayMin: fn("(list<E>) -> E?", "The smallest element.", [`fn.arrayMin(${list})`, 1], {
    duckdb: "list_min",
  }),
  arraySort: fn("(list<E>) -> list<E>", "Ascending, NULLs last.", [`fn.arraySort(${list})`, [1, 2, 3]], {
    duckdb: "list_sort($1, 'ASC', 'NULLS LAST')",
  }),
  sortArray: fn("(list<E>) -> list<E>", "Ascending, NULLs first.", [`fn.sortArray(${list})`, [1, 2, 3]], {
    duckdb: "list_sort($1, 'ASC', 'NULLS FIRST')",
  }),
  arrayReverse: fn("(list<E>) -> list<E>", "Backwards.", [`fn.arrayReverse(${list})`, [2, 1, 3]], {
    duckdb: "list_reverse",
    spark: "reverse",
  }),
  arrayAppend: fn(
    "(list<E>, element: E) -> list<E>",
    "With one more at the end.",
    ["fn.arrayAppend(fn.array(1), 2)", [1, 2]],
    { duckdb: "list_append" },
  ),
  arrayPrepend: fn(
    "(list<E>, element: E) -> list<E>",
    "With one more at the start.",
    ["fn.arrayPrepend(fn.array(1), 2)", [2, 1]],
    { duckdb: "list_prepend($2, $1)" },
  ),
  arrayRemove: fn(
    "(list<E>, element: E) -> list<E>",
    "Without the elements equal to it.",
    ["fn.arrayRemove(fn.array(1, 2, 1), 1)", [2]],
    {
      duckdb: "list_filter($1, lambda x: x IS DISTINCT FROM $2)",
    },
  ),
  arrayCompact: fn(
    "(list<E>) -> list<E>",
    "Without NULLs.",
    ["fn.arrayCompact(fn.array(lit(null), 1))", [1]],
    { duckdb: "list_filter($1, lambda x: x IS NOT NULL)" },
  ),
  arrayConcat: fn(
    "(list<E>, other: list<E>) -> list<E>",
    "One list after the other.",
    ["fn.arrayConcat(fn.array(1), fn.array(2))", [1, 2]],
    { duckdb: "list_concat", spark: "concat" },
  ),
  arrayRepeat: fn(
    "(E, count: integer) -> list<E>",
    "The value so many times.",
    ["fn.arrayRepeat('a', 2)", ["a", "a"]],
    {
      nulls: "own",
      duckdb: "list_transform(range(CAST($2 AS BIGINT)), lambda _: $1)",
      spark: "array_repeat($1, cast($2, int))",
    },
  ),
  slice: fn(
    "(list<E>, start: integer, length: integer) -> list<E>",
    "`length` elements from position `start`, from 1.",
    [`fn.slice(${list}, 2, 2)`, [1, 2]],
    {
      duckdb: "list_slice($1, $2, $2 + $3 - 1)",
      spark: "slice($1, cast($2, int), cast($3, int))",
    },
  ),
  flatten: fn("(list<list<E>>) -> list<E>", "The lists in it one after the other.", [
    "fn.flatten(fn.array(fn.array(1), fn.array(2)))",
    [1, 2],
  ]),
  sequence: fn(
    "(I, stop: I, step: I = 1) -> list<I>",
    "From the value to `stop`, both included.",
    ["fn.sequence(1, 3)", [1, 2, 3]],
    {
      duckdb: "CAST(generate_series($1, $2, $3) AS $type)",
    },
  ),
  transform: fn(
    "(list<E>, change: (E) => U) -> list<U>",
    "The function of every element.",
    [`fn.transform(${list}, x => x.mul(2))`, [6, 2, 4]],
    { duckdb: "list_transform" },
  ),
  filter: fn(
    "(list<E>, condition: (E) => boolean) -> list<E>",
    "The elements for which it is true.",
    [`fn.filter(${list}, x => x.gt(1))`, [3, 2]],
    { duckdb: "list_filter" },
  ),
  exists: fn(
    "(list<E>, condition: (E) => boolean) -> boolean",
    "Is it true for one?",
    [`fn.exists(${list}, x => x.gt(2))`, true],
    {
      duckdb: "list_bool_or(list_transform($1, $2))",
    },
  ),
  forall: fn(
    "(list<E>, condition: (E) => boolean) -> boolean",
    "Is it true for all?",
    [`fn.forall(${list}, x => x.gt(2))`, false],
    {
      duckdb: "list_bool_and(list_transform($1, $2))",
    },
  ),
  reduce: fn(
    "(list<E>, initial: A, merge: (A, E) => A) -> A",
    "All elements merged into one value.",
    [`fn.reduce(${list}, 0, (sum, x) => sum.add(x))`, 6],
    {
      duckdb: "list_reduce($1, $3, $2)",
    },
  ),
  zipWith: fn(
    "(list<E>, other: list<G>, change: (E, G) => U) -> list<U>",
    "The function of each pair.",
    ["fn.zipWith(fn.array(1, 2), fn.array(3, 4), (a, b) => a.add(b))", [4, 6]],
    {
      duckdb: "@zipWith",
    },
  ),
  mapFromArrays: fn(
    "(keys: list<K>, values: list<V>) -> map<K, V>",
    "A map from its keys and values.",
    [
      map,
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
    ],
    { duckdb: "map" },
  ),
  mapKeys: fn("(map<K, V>) -> list<K>", "The keys.", [`fn.mapKeys(${map})`, ["a", "b"]]),
  mapValues: fn("(map<K, V>) -> list<V>", "The values.", [`fn.mapValues(${map})`, [1, 2]]),
  mapEntries: fn("(map<K, V>) -> =entries", "Structs of key and value.", [
    `fn.mapEntries(${map})`,
    [
      { key: "a", value: 1 },
      { key: "b", value: 2 },
    ],
  ]),
  cardinality: fn("(map<K, V>) -> int32", "Number of entries.", [`fn.cardinality(${map})`, 2], {
    duckdb: "CAST(cardinality($1) AS INTEGER)",
    spark: "size",
  }),
  getItem: fn("(map<K, V>, key: K) -> V?", "The value of a key, or NULL.", [`fn.getItem(${map}, 'b')`, 2], {
    duckdb: "map_extract_value",
    spark: "try_element_at",
  }),
  mapContainsKey: fn(
    "(map<K, V>, key: K) -> boolean",
    "Has it the key?",
    [`fn.mapContainsKey(${map}, 'z')`, false],
    { duckdb: "list_contains(map_keys($1), $2)" },
  ),
  mapConcat: fn(
    "(map<K, V>, other: map<K, V>) -> map<K, V>",
    "The entries of both; the same key in both is an error on Spark.",
    [
      `fn.mapConcat(${map}, fn.mapFromArrays(fn.array('c'), fn.array(3)))`,
      new Map([
        ["a", 1],
        ["b", 2],
        ["c", 3],
      ]),
    ],
  ),
  mapFilter: fn(
    "(map<K, V>, condition: (K, V) => boolean) -> map<K, V>",
    "The entries for which it is true.",
    [`fn.mapFilter(${map}, (k, v) => v.gt(1))`, new Map([["b", 2]])],
    {
      duckdb: "@mapFilter",
    },
  ),
  transformValues: fn(
    "(map<K, V>, change: (K, V) => U) -> map<K, U>",
    "Each value by the function.",
    [
      `fn.transformValues(${map}, (k, v) => v.mul(2))`,
      new Map([
        ["a", 2],
        ["b", 4],
      ]),
    ],
    {
      duckdb: "@transformValues",
    },
  ),
  transformKeys: fn(
    "(map<K, V>, change: (K, V) => U) -> map<U, V>",
    "Each key by the function.",
    [
      `fn.transformKeys(${map}, (k, v) => k.upper())`,
      new Map([
        ["A", 1],
        ["B", 2],
      ]),
    ],
    {
      duckdb: "@transformKeys",
    },
  ),
  getJsonObject: fn(
    "(text, path: text) -> text?",
    "What a path like `$.a[0]` names in JSON text; NULL when nothing is there.",
    [`fn.getJsonObject('{"a":{"b":7}}', '$.a.b')`, "7"],
    {
      duckdb: "(CASE WHEN json_valid($1) THEN json_extract_string($1, $2) END)",
    },
  ),
  jsonArrayLength: fn(
    "(text) -> int32?",
    "Number of elements of a JSON array; NULL for anything else.",
    ["fn.jsonArrayLength('[1, 2]')", 2],
    {
      duckdb:
        "(CASE WHEN json_valid($1) AND json_type($1) = 'ARRAY' THEN CAST(json_array_length($1) AS INTEGER) END)",
    },
  ),
  jsonObjectKeys: fn(
    "(text) -> list<text>?",
    "Keys of a JSON object; NULL for anything else.",
    [`fn.jsonObjectKeys('{"a":1,"b":2}')`, ["a", "b"]],
    {
      duckdb: "(CASE WHEN json_valid($1) AND json_type($1) = 'OBJECT' THEN json_keys($1) END)",
    },
  ),
  toJson: fn(
    "(any) -> text",
    "A struct, list or map as JSON text; a field that is NULL is left out.",
    [`fn.toJson(${list})`, "[3,1,2]"],
    {
      duckdb: "@toJson",
    },
  ),
} as const
