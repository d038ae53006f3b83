// Text, regular expressions, encodings and hashes. Characters are code points and positions start at 1. Patterns are the
// engine's: RE2 on DuckDB, java.util.regex on Spark; what both have is the same.

import { fn } from "./FunctionRow.js"

export const text = {
  lower: fn("(text) -> text", "In lower case.", ["fn.lower('ÄBC')", "äbc"]),
  upper: fn("(text) -> text", "In upper case.", ["fn.upper('äbc')", "ÄBC"]),
  initcap: fn("(text) -> text", "Each word with a capital.", ["fn.initcap('new york')", "New York"], {
    duckdb:
      "array_to_string(list_transform(string_split($1, ' '), lambda w: upper(w[1]) || lower(w[2:])), ' ')",
  }),
  length: fn("(text) -> int32", "In characters (code points).", ["fn.length('é😀')", 2], {
    duckdb: "CAST(length($1) AS INTEGER)",
  }),
  octetLength: fn("(text) -> int32", "In bytes of UTF-8.", ["fn.octetLength('é')", 2], {
    duckdb: "CAST(strlen($1) AS INTEGER)",
  }),
  bitLength: fn("(text) -> int32", "In bits of UTF-8.", ["fn.bitLength('é')", 16], {
    duckdb: "CAST(strlen($1) * 8 AS INTEGER)",
  }),
  trim: fn(
    '(text, characters: text = " ") -> text',
    "Without these characters at both ends.",
    ["fn.trim('  a ')", "a"],
    { spark: "trim($2, $1)" },
  ),
  ltrim: fn(
    '(text, characters: text = " ") -> text',
    "Without these characters at the start.",
    ["fn.ltrim('xxa', 'x')", "a"],
    { spark: "ltrim($2, $1)" },
  ),
  rtrim: fn(
    '(text, characters: text = " ") -> text',
    "Without these characters at the end.",
    ["fn.rtrim('axx', 'x')", "a"],
    { spark: "rtrim($2, $1)" },
  ),
  lpad: fn(
    '(text, length: integer, pad: text = " ") -> text',
    "Filled or cut to `length`, at the start.",
    ["fn.lpad('7', 3, '0')", "007"],
    {
      duckdb: "lpad($1, CAST($2 AS INTEGER), $3)",
      spark: "lpad($1, cast($2, int), $3)",
    },
  ),
  rpad: fn(
    '(text, length: integer, pad: text = " ") -> text',
    "Filled or cut to `length`, at the end.",
    ["fn.rpad('7', 3, '-')", "7--"],
    {
      duckdb: "rpad($1, CAST($2 AS INTEGER), $3)",
      spark: "rpad($1, cast($2, int), $3)",
    },
  ),
  repeat: fn("(text, count: integer) -> text", "Again and again.", ["fn.repeat('ab', 2)", "abab"], {
    duckdb: "repeat($1, CAST($2 AS BIGINT))",
    spark: "repeat($1, cast($2, int))",
  }),
  reverse: fn("(text) -> text", "Backwards.", ["fn.reverse('abc')", "cba"]),
  concat: fn(
    "(text, ...others: text) -> text",
    "One after the other; NULL if one is NULL.",
    ["fn.concat('a', 'b', 'c')", "abc"],
    { duckdb: "($*{ || })" },
  ),
  concatWs: fn(
    "(text, ...parts: text) -> text",
    "Joined with the first; NULL parts are left out.",
    ["fn.concatWs('-', 'a', lit(null).cast('utf8'), 'b')", "a-b"],
    {
      nulls: "own",
    },
  ),
  substring: fn(
    "(text, start: integer, length: integer = 2147483647) -> text",
    "`length` characters from position `start`, which is 1 for the first; negative counts from the end.",
    ["fn.substring('abcd', 2, 2)", "bc"],
    {
      duckdb: "substring($1, CASE WHEN $2 = 0 THEN 1 ELSE $2 END, $3)",
      spark: "substring($1, cast($2, int), cast($3, int))",
    },
  ),
  substringIndex: fn(
    "(text, delimiter: text, count: integer) -> text",
    "Up to the `count`-th delimiter; negative counts from the end.",
    ["fn.substringIndex('a.b.c', '.', 2)", "a.b"],
    {
      duckdb:
        "(CASE WHEN $3 >= 0 THEN array_to_string(string_split($1, $2)[1:$3], $2) ELSE array_to_string(string_split($1, $2)[greatest(len(string_split($1, $2)) + $3 + 1, 1):], $2) END)",
      spark: "substring_index($1, $2, cast($3, int))",
    },
  ),
  left: fn("(text, length: integer) -> text", "The first characters.", ["fn.left('abc', 2)", "ab"], {
    duckdb: "left($1, greatest($2, 0))",
  }),
  right: fn("(text, length: integer) -> text", "The last characters.", ["fn.right('abc', 2)", "bc"], {
    duckdb: "right($1, greatest($2, 0))",
  }),
  overlay: fn(
    "(text, replacement: text, start: integer) -> text",
    "With `replacement` written over the characters from `start`.",
    ["fn.overlay('abcd', 'XX', 2)", "aXXd"],
    {
      duckdb: "(substring($1, 1, $3 - 1) || $2 || substring($1, $3 + length($2)))",
      spark: "overlay($1, $2, cast($3, int), -1)",
    },
  ),
  replace: fn("(text, search: text, replacement: text) -> text", "Every `search` replaced.", [
    "fn.replace('aXbX', 'X', '-')",
    "a-b-",
  ]),
  translate: fn("(text, from: text, to: text) -> text", "Character by character.", [
    "fn.translate('abc', 'ab', 'xy')",
    "xyc",
  ]),
  contains: fn("(text, part: text) -> boolean", "Is `part` in it?", ["fn.contains('abc', 'b')", true]),
  startsWith: fn("(text, part: text) -> boolean", "Does it start so?", ["fn.startsWith('abc', 'ab')", true], {
    duckdb: "starts_with",
    spark: "startswith",
  }),
  endsWith: fn("(text, part: text) -> boolean", "Does it end so?", ["fn.endsWith('abc', 'bc')", true], {
    duckdb: "ends_with",
    spark: "endswith",
  }),
  like: fn(
    "(text, pattern: text) -> boolean",
    "SQL pattern: % any characters, _ one, \\ escapes.",
    ["fn.like('abc', 'a%')", true],
    { duckdb: "@like" },
  ),
  ilike: fn(
    "(text, pattern: text) -> boolean",
    "`like` without regard to case.",
    ["fn.ilike('ABC', 'a_c')", true],
    { duckdb: "@ilike" },
  ),
  rlike: fn(
    "(text, pattern: text) -> boolean",
    "Is there a match of the regular expression?",
    ["fn.rlike('a1', '[0-9]')", true],
    { duckdb: "regexp_matches" },
  ),
  regexpReplace: fn(
    "(text, pattern: text, replacement: text) -> text",
    "Every match replaced; `$1` is the first group.",
    ["fn.regexpReplace('a1b2', '([0-9])', '<$1>')", "a<1>b<2>"],
    {
      duckdb: "@regexpReplace",
    },
  ),
  regexpExtract: fn(
    "(text, pattern: text, group: integer = 1) -> text",
    "A group of the first match, or the empty text.",
    ["fn.regexpExtract('id=42', '([a-z]+)=([0-9]+)', 2)", "42"],
    {
      duckdb: "regexp_extract($1, $2, $!3)",
      spark: "regexp_extract($1, $2, cast($3, int))",
    },
  ),
  regexpExtractAll: fn(
    "(text, pattern: text, group: integer = 1) -> list<text>",
    "A group of every match.",
    ["fn.regexpExtractAll('a1b2', '[a-z]([0-9])')", ["1", "2"]],
    {
      duckdb: "regexp_extract_all($1, $2, $!3)",
      spark: "regexp_extract_all($1, $2, cast($3, int))",
    },
  ),
  regexpCount: fn(
    "(text, pattern: text) -> int32",
    "Number of matches.",
    ["fn.regexpCount('a1b2', '[0-9]')", 2],
    {
      duckdb: "CAST(len(regexp_extract_all($1, $2)) AS INTEGER)",
    },
  ),
  regexpSubstr: fn(
    "(text, pattern: text) -> text?",
    "The first match, or NULL.",
    ["fn.regexpSubstr('a12', '[0-9]+')", "12"],
    { duckdb: "nullif(regexp_extract($1, $2), '')" },
  ),
  regexpInstr: fn(
    "(text, pattern: text) -> int32",
    "Position of the first match, or 0.",
    ["fn.regexpInstr('a12', '[0-9]+')", 2],
    {
      duckdb:
        "(CASE WHEN regexp_matches($1, $2) THEN CAST(instr($1, regexp_extract($1, $2)) AS INTEGER) ELSE 0 END)",
    },
  ),
  split: fn(
    "(text, pattern: text) -> list<text>",
    "Cut at every match of the regular expression.",
    ["fn.split('a,b', ',')", ["a", "b"]],
    { duckdb: "string_split_regex" },
  ),
  splitPart: fn(
    "(text, delimiter: text, index: integer) -> text",
    "The part `index` (from 1, negative from the end), or the empty text.",
    ["fn.splitPart('a.b.c', '.', 2)", "b"],
    {
      spark: "split_part($1, $2, cast($3, int))",
    },
  ),
  instr: fn("(text, part: text) -> int32", "Position of `part`, or 0.", ["fn.instr('abc', 'c')", 3], {
    duckdb: "CAST(instr($1, $2) AS INTEGER)",
  }),
  locate: fn(
    "(part: text, text: text) -> int32",
    "Position of the first in the second, or 0.",
    ["fn.locate('c', 'abc')", 3],
    { duckdb: "CAST(instr($2, $1) AS INTEGER)" },
  ),
  findInSet: fn(
    "(text, list: text) -> int32",
    "Position in a comma-separated list, or 0.",
    ["fn.findInSet('b', 'a,b,c')", 2],
    {
      duckdb: "CAST(coalesce(list_position(string_split($2, ','), $1), 0) AS INTEGER)",
    },
  ),
  levenshtein: fn(
    "(text, other: text) -> int32",
    "Edits between the two.",
    ["fn.levenshtein('kitten', 'sitting')", 3],
    { duckdb: "CAST(levenshtein($1, $2) AS INTEGER)" },
  ),
  soundex: fn("(text) -> text", "Soundex code.", ["fn.soundex('Robert')", "R163"], { duckdb: null }),
  ascii: fn("(text) -> int32", "Code point of the first character.", ["fn.ascii('A')", 65]),
  chr: fn("(integer) -> text", "The character of an ASCII code.", ["fn.chr(65)", "A"], {
    duckdb: "chr(CAST($1 AS INTEGER))",
    spark: "char(cast($1, bigint))",
  }),
  formatNumber: fn(
    "(number, digits: integer) -> text",
    "Thousands separated, with so many decimals.",
    ["fn.formatNumber(12345.678, 2)", "12,345.68"],
    {
      duckdb: "format('{:,.' || $2 || 'f}', CAST($1 AS DOUBLE))",
      spark: "format_number(cast($1, double), cast($2, int))",
    },
  ),
  printf: fn(
    "(format: text, ...values: any) -> text",
    "C's format: %d, %s, %.2f.",
    ["fn.printf('%d %s', 7, 'x')", "7 x"],
    { spark: "printf" },
  ),
  urlEncode: fn(
    "(text) -> text",
    "As a form field: a space becomes +.",
    ["fn.urlEncode('a b&c')", "a+b%26c"],
    { duckdb: "replace(url_encode($1), '%20', '+')" },
  ),
  urlDecode: fn("(text) -> text", "Back from `urlEncode`.", ["fn.urlDecode('a+b%26c')", "a b&c"], {
    duckdb: "url_decode(replace($1, '+', '%20'))",
  }),
  encode: fn("(text) -> binary", "Its UTF-8 bytes.", ["fn.encode('A')", new Uint8Array([65])], {
    spark: "encode($1, 'UTF-8')",
  }),
  decode: fn("(binary) -> text", "Text from UTF-8 bytes.", ["fn.decode(fn.encode('é'))", "é"], {
    spark: "decode($1, 'UTF-8')",
  }),
  base64: fn("(binary) -> text", "Base64 text of bytes.", ["fn.base64(fn.encode('abc'))", "YWJj"]),
  unbase64: fn("(text) -> binary", "Bytes from base64 text.", ["fn.decode(fn.unbase64('YWJj'))", "abc"], {
    duckdb: "from_base64",
  }),
  hexEncode: fn("(binary) -> text", "Hexadecimal text of bytes.", ["fn.hexEncode(fn.encode('AZ'))", "415A"], {
    duckdb: "hex",
    spark: "hex",
  }),
  unhex: fn("(text) -> binary", "Bytes from hexadecimal text.", ["fn.decode(fn.unhex('415A'))", "AZ"]),
  md5: fn("(text) -> text", "MD5 in hexadecimal.", ["fn.md5('abc')", "900150983cd24fb0d6963f7d28e17f72"], {
    spark: "md5(cast($1, binary))",
  }),
  sha1: fn(
    "(text) -> text",
    "SHA-1 in hexadecimal.",
    ["fn.sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    { spark: "sha1(cast($1, binary))" },
  ),
  sha256: fn(
    "(text) -> text",
    "SHA-256 in hexadecimal.",
    ["fn.sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    {
      spark: "sha2(cast($1, binary), 256)",
    },
  ),
  sha512: fn("(text) -> text", "SHA-512 in hexadecimal.", ["fn.left(fn.sha512('abc'), 8)", "ddaf35a1"], {
    duckdb: null,
    spark: "sha2(cast($1, binary), 512)",
  }),
  crc32: fn("(text) -> int64", "CRC-32 of the UTF-8 bytes.", ["fn.crc32('abc')", 891568578n], {
    duckdb: null,
    spark: "crc32(cast($1, binary))",
  }),
  hash: fn(
    "(any, ...others: any) -> int32",
    "Murmur3 of the values, as Spark partitions by.",
    ["fn.hash('abc')", 1322437556],
    { nulls: "never", duckdb: null },
  ),
  xxhash64: fn(
    "(any, ...others: any) -> int64",
    "XxHash64 of the values.",
    ["fn.xxhash64('abc')", 1423657621850124518n],
    { nulls: "never", duckdb: null },
  ),
  uuid: fn("() -> text", "A random UUID, new for each row and each run.", ["fn.length(fn.uuid())", 36], {
    nulls: "never",
    duckdb: "CAST(uuid() AS VARCHAR)",
  }),
} as const
