// Dates, timestamps and time zones. A part of a `timestamptz` is taken in UTC, the zone of every session; convert first for
// another one. Patterns are Spark's letters ("yyyy-MM-dd HH:mm:ss").

import { fn } from "./FunctionRow.js"

const part = (name: string) => `CAST(${name}($1) AS INTEGER)`
const day = "lit(new Date('2024-02-29T13:45:06Z'))"

export const time = {
  year: fn("(temporal) -> int32", "The year.", [`fn.year(${day})`, 2024], { duckdb: part("year") }),
  quarter: fn("(temporal) -> int32", "1 to 4.", [`fn.quarter(${day})`, 1], { duckdb: part("quarter") }),
  month: fn("(temporal) -> int32", "1 to 12.", [`fn.month(${day})`, 2], { duckdb: part("month") }),
  weekofyear: fn("(temporal) -> int32", "ISO week, 1 to 53.", [`fn.weekofyear(${day})`, 9], {
    duckdb: part("week"),
  }),
  day: fn("(temporal) -> int32", "Day of the month.", [`fn.day(${day})`, 29], { duckdb: part("day") }),
  dayofmonth: fn("(temporal) -> int32", "Day of the month.", [`fn.dayofmonth(${day})`, 29], {
    duckdb: part("day"),
  }),
  dayofyear: fn("(temporal) -> int32", "1 to 366.", [`fn.dayofyear(${day})`, 60], {
    duckdb: part("dayofyear"),
  }),
  dayofweek: fn("(temporal) -> int32", "1 is Sunday.", [`fn.dayofweek(${day})`, 5], {
    duckdb: "CAST(dayofweek($1) + 1 AS INTEGER)",
  }),
  weekday: fn("(temporal) -> int32", "0 is Monday.", [`fn.weekday(${day})`, 3], {
    duckdb: "CAST(isodow($1) - 1 AS INTEGER)",
  }),
  hour: fn("(temporal) -> int32", "0 to 23.", [`fn.hour(${day})`, 13], { duckdb: part("hour") }),
  minute: fn("(temporal) -> int32", "0 to 59.", [`fn.minute(${day})`, 45], { duckdb: part("minute") }),
  second: fn("(temporal) -> int32", "0 to 59.", [`fn.second(${day})`, 6], { duckdb: part("second") }),
  dayname: fn("(temporal) -> text", "Mon, Tue, ...", [`fn.dayname(${day})`, "Thu"], {
    duckdb: "strftime($1, '%a')",
  }),
  monthname: fn("(temporal) -> text", "Jan, Feb, ...", [`fn.monthname(${day})`, "Feb"], {
    duckdb: "strftime($1, '%b')",
  }),
  lastDay: fn("(date) -> date", "The last day of the month.", [`fn.lastDay(${day})`, new Date("2024-02-29")]),
  nextDay: fn(
    "(date, weekday: text) -> date",
    "The next such day after it: 'Mon', 'Tue', ...",
    [`fn.nextDay(${day}, 'Mon')`, new Date("2024-03-04")],
    {
      duckdb:
        "CAST($1 + CAST((list_position(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], upper(left($2, 2))) - isodow($1) + 6) % 7 + 1 AS INTEGER) AS DATE)",
    },
  ),
  dateAdd: fn(
    "(date, days: integer) -> date",
    "So many days later.",
    [`fn.dateAdd(${day}, 1)`, new Date("2024-03-01")],
    {
      duckdb: "CAST($1 + CAST($2 AS INTEGER) AS DATE)",
      spark: "date_add($1, cast($2, int))",
    },
  ),
  dateSub: fn(
    "(date, days: integer) -> date",
    "So many days earlier.",
    [`fn.dateSub(${day}, 29)`, new Date("2024-01-31")],
    {
      duckdb: "CAST($1 - CAST($2 AS INTEGER) AS DATE)",
      spark: "date_sub($1, cast($2, int))",
    },
  ),
  dateDiff: fn(
    "(date, start: date) -> int32",
    "Days since `start`.",
    [`fn.dateDiff(${day}, lit(new Date('2024-01-31')))`, 29],
    {
      duckdb: "CAST($1 - $2 AS INTEGER)",
      spark: "datediff",
    },
  ),
  addMonths: fn(
    "(date, months: integer) -> date",
    "So many months later, cut to the month's last day.",
    ["fn.addMonths(lit(new Date('2024-01-31')), 1)", new Date("2024-02-29")],
    {
      duckdb: "CAST($1 + to_months(CAST($2 AS INTEGER)) AS DATE)",
      spark: "add_months($1, cast($2, int))",
    },
  ),
  monthsBetween: fn(
    "(timestamp, start: timestamp) -> float64",
    "Months since `start`; a month of 31 days for the rest, to 8 digits.",
    ["fn.monthsBetween(lit(new Date('2024-03-01')), lit(new Date('2024-01-01')))", 2],
    {
      duckdb: "@monthsBetween",
    },
  ),
  timestampAdd: fn(
    "(timestamp, unit: text, count: integer) -> timestamp",
    "`count` units later: 'YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'.",
    [`fn.timestampAdd(${day}, 'HOUR', 2)`, new Date("2024-02-29T15:45:06Z")],
    {
      duckdb: "@timestampAdd",
      spark: "timestampadd($2, cast($3, int), $1)",
    },
  ),
  timestampDiff: fn(
    "(timestamp, unit: text, start: timestamp) -> int64",
    "Whole units since `start`.",
    [`fn.timestampDiff(${day}, 'HOUR', lit(new Date('2024-02-29')))`, 13n],
    {
      duckdb: "date_sub(lower($!2), $3, $1)",
      spark: "timestampdiff($2, $3, $1)",
    },
  ),
  dateTrunc: fn(
    "(D, unit: text) -> =instant",
    "The start of its 'year', 'quarter', 'month', 'week', 'day', 'hour', 'minute' or 'second'.",
    [`fn.dateTrunc(${day}, 'month')`, new Date("2024-02-01")],
    {
      duckdb: "CAST(date_trunc($2, $1) AS $type)",
      spark: "cast(date_trunc($2, $1), $type)",
    },
  ),
  trunc: fn(
    "(date, unit: text) -> date",
    "The first day of its 'year', 'quarter', 'month' or 'week'.",
    [`fn.trunc(${day}, 'year')`, new Date("2024-01-01")],
    {
      duckdb: "CAST(date_trunc($2, $1) AS DATE)",
    },
  ),
  dateFormat: fn(
    "(temporal, pattern: text) -> text",
    "As text by a pattern of Spark's letters.",
    [`fn.dateFormat(${day}, 'yyyy/MM/dd HH:mm')`, "2024/02/29 13:45"],
    { duckdb: "@dateFormat" },
  ),
  toDate: fn(
    '(text, pattern: text = "yyyy-MM-dd") -> date',
    "A date from text; text of another form is an error.",
    ["fn.toDate('29.02.2024', 'dd.MM.yyyy')", new Date("2024-02-29")],
    {
      duckdb: "@toDate",
    },
  ),
  toTimestamp: fn(
    '(text, pattern: text = "yyyy-MM-dd HH:mm:ss") -> timestamp',
    "A timestamp from text; text of another form is an error.",
    ["fn.toTimestamp('2024-02-29 13:45:06')", new Date("2024-02-29T13:45:06Z")],
    {
      duckdb: "@toTimestamp",
      spark: "to_timestamp_ntz",
    },
  ),
  makeDate: fn(
    "(year: integer, month: integer, day: integer) -> date",
    "A date from its parts.",
    ["fn.makeDate(2024, 2, 29)", new Date("2024-02-29")],
    {
      duckdb: "make_date(CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT))",
      spark: "make_date(cast($1, int), cast($2, int), cast($3, int))",
    },
  ),
  makeTimestamp: fn(
    "(year: integer, month: integer, day: integer, hour: integer, minute: integer, second: float64) -> timestamp",
    "A timestamp from its parts.",
    ["fn.makeTimestamp(2024, 2, 29, 13, 45, 6.5)", new Date("2024-02-29T13:45:06.500Z")],
    {
      duckdb:
        "make_timestamp(CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), $6)",
      spark:
        "make_timestamp_ntz(cast($1, int), cast($2, int), cast($3, int), cast($4, int), cast($5, int), cast($6, decimal(16, 6)))",
    },
  ),
  currentDate: fn("() -> date", "Today.", ["fn.currentDate().gt(lit(new Date('2024-01-01')))", true], {
    nulls: "never",
    duckdb: "current_date",
  }),
  currentTimestamp: fn(
    "() -> timestamptz",
    "Now, the same in the whole query.",
    ["fn.currentTimestamp().gt(lit(new Date('2024-01-01')))", true],
    {
      nulls: "never",
      duckdb: "now()",
    },
  ),
  unixTimestamp: fn(
    "(timestamptz) -> int64",
    "Seconds since 1970.",
    ["fn.unixTimestamp(lit(new Date('1970-01-02')))", 86400n],
    {
      duckdb: "CAST(floor(epoch($1)) AS BIGINT)",
      spark: "unix_seconds",
    },
  ),
  unixMillis: fn(
    "(timestamptz) -> int64",
    "Milliseconds since 1970.",
    ["fn.unixMillis(lit(new Date(5)))", 5n],
    { duckdb: "epoch_ms" },
  ),
  unixMicros: fn(
    "(timestamptz) -> int64",
    "Microseconds since 1970.",
    ["fn.unixMicros(lit(new Date(5)))", 5000n],
    { duckdb: "epoch_us" },
  ),
  unixDate: fn("(date) -> int32", "Days since 1970.", ["fn.unixDate(lit(new Date('1970-01-02')))", 1], {
    duckdb: "CAST($1 - DATE '1970-01-01' AS INTEGER)",
  }),
  dateFromUnixDate: fn(
    "(integer) -> date",
    "The day so many days after 1970-01-01.",
    ["fn.dateFromUnixDate(1)", new Date("1970-01-02")],
    {
      duckdb: "CAST(DATE '1970-01-01' + CAST($1 AS INTEGER) AS DATE)",
      spark: "date_from_unix_date(cast($1, int))",
    },
  ),
  timestampSeconds: fn(
    "(int64) -> timestamptz",
    "The instant so many seconds after 1970.",
    ["fn.timestampSeconds(86400)", new Date("1970-01-02")],
    {
      duckdb: "make_timestamptz($1 * 1000000)",
    },
  ),
  timestampMillis: fn(
    "(int64) -> timestamptz",
    "The instant so many milliseconds after 1970.",
    ["fn.timestampMillis(5)", new Date(5)],
    { duckdb: "make_timestamptz($1 * 1000)" },
  ),
  timestampMicros: fn(
    "(int64) -> timestamptz",
    "The instant so many microseconds after 1970.",
    ["fn.timestampMicros(5000)", new Date(5)],
    { duckdb: "make_timestamptz" },
  ),
  convertTimezone: fn(
    "(timestamp, from: text, to: text) -> timestamp",
    "The clock in `to` when the clock in `from` shows the value.",
    [`fn.convertTimezone(${day}, 'UTC', 'Asia/Tokyo')`, new Date("2024-02-29T22:45:06Z")],
    {
      duckdb: "(($1 AT TIME ZONE $2) AT TIME ZONE $3)",
      spark: "convert_timezone($2, $3, $1)",
    },
  ),
  fromUtcTimestamp: fn(
    "(timestamp, zone: text) -> timestamp",
    "The clock in `zone` when it is the value in UTC.",
    [`fn.fromUtcTimestamp(${day}, 'America/New_York')`, new Date("2024-02-29T08:45:06Z")],
    {
      duckdb: "(($1 AT TIME ZONE 'UTC') AT TIME ZONE $2)",
      spark: "convert_timezone('UTC', $2, $1)",
    },
  ),
  toUtcTimestamp: fn(
    "(timestamp, zone: text) -> timestamp",
    "The clock in UTC when the clock in `zone` shows the value.",
    [`fn.toUtcTimestamp(${day}, 'Asia/Tokyo')`, new Date("2024-02-29T04:45:06Z")],
    {
      duckdb: "(($1 AT TIME ZONE $2) AT TIME ZONE 'UTC')",
      spark: "convert_timezone($2, 'UTC', $1)",
    },
  ),
  atTimeZone: fn(
    "(timestamp, zone: text) -> timestamptz",
    "The instant at which the clock in `zone` shows the value.",
    [`fn.atTimeZone(${day}, 'Asia/Tokyo')`, new Date("2024-02-29T04:45:06Z")],
    {
      duckdb: "($1 AT TIME ZONE $2)",
      spark: "cast(convert_timezone($2, 'UTC', $1), timestamp)",
    },
  ),
  inTimeZone: fn(
    "(timestamptz, zone: text) -> timestamp",
    "What the clock in `zone` shows at the instant.",
    [`fn.inTimeZone(${day}, 'Asia/Tokyo')`, new Date("2024-02-29T22:45:06Z")],
    {
      duckdb: "($1 AT TIME ZONE $2)",
      spark: "convert_timezone('UTC', $2, cast($1, timestamp_ntz))",
    },
  ),
} as const
