// What Spark and Sail do otherwise than the catalog says, with the reason. An entry that is not true any more fails.

const onlyBelow = "`grouping` stands below rollup and cube only, and the example groups plainly"
const lacksIt = "Sail 0.7.2 has no such function; capabilities.ts refuses it"
const wider = "Sail gives another integer type; a result is converted to the plan's type"

export const differences: Readonly<Record<"spark" | "sail", Readonly<Record<string, string>>>> = {
  spark: {
    "aggregate grouping": onlyBelow,
    "type of aggregate grouping": onlyBelow,
  },
  sail: {
    "aggregate grouping": onlyBelow,
    "type of aggregate grouping": onlyBelow,
    "cache gives the same rows": "Sail answers to persist and keeps nothing; capabilities.ts refuses it",
    "rollup of no rows has no total": "Sail gives a row for the total, Spark and DuckDB do not",
    "fromJson of blank text is NULL": "Sail gives a struct of NULLs",
    "fromJson: a number that does not fit is NULL": "Sail wraps integers around and fails on decimals",
    "fromJson: numbers that JSON lacks come as text, bytes as base64": "Sail reads neither, they are NULL",
    "fromJson: days, wall clocks and instants": "Sail fails on text in another form than its own",
    "fromJson: lists": "Sail makes a list of one NULL of an object",
    "fromJson: an element that does not fit makes its list or map NULL": "Sail makes the element NULL",
    "toJson: numbers, days and times": "Sail cuts zeros off decimals and writes microseconds with a zone",
    asOfJoin: "Sail 0.7.2 has no as-of join; capabilities.ts refuses it",
    "call tryDiv": lacksIt,
    "type of call tryDiv": "analysed before it is refused: integers only",
    "call zipWith": lacksIt,
    "type of call zipWith": lacksIt,
    "call transformKeys": lacksIt,
    "type of call transformKeys": lacksIt,
    "call transformValues": lacksIt,
    "type of call transformValues": lacksIt,
    "call rint": "Sail rounds half away from zero, Spark to the even one",
    "type of call regexpCount": wider,
    "type of call dateDiff": wider,
    "type of call timestampAdd": "Sail gives an instant where Spark keeps the wall clock",
  },
}
