"""Text and bytes, value by value; arguments are never NULL unless functions.py says so."""

import base64
import hashlib
import re
import uuid
import zlib
from functools import lru_cache
from urllib.parse import quote_plus, unquote_plus

from .convert import Failed


@lru_cache(256)
def pattern_of(text):
    try:
        return re.compile(text)
    except re.error as error:
        raise Failed(f"the pattern `{text}` cannot be read: {error}") from error


def pad(text, length, fill, left):
    missing = length - len(text)
    if missing <= 0:
        return text[: max(length, 0)]
    if fill == "":
        return text
    more = (fill * (missing // len(fill) + 1))[:missing]
    return more + text if left else text + more


def substring(text, start, length):
    begin = start - 1 if start > 0 else start + len(text) if start < 0 else 0
    return text[max(begin, 0) : max(begin + max(length, 0), 0)]


def substring_index(text, delimiter, count):
    if delimiter == "" or count == 0:
        return ""
    parts = text.split(delimiter)
    return delimiter.join(parts[:count] if count > 0 else parts[count:])


def overlay(text, replacement, start):
    begin = start - 1
    return text[:begin] + replacement + text[begin + len(replacement) :]


def translate(text, source, target):
    table = {}
    for index, letter in enumerate(source):
        table.setdefault(ord(letter), target[index] if index < len(target) else None)
    return text.translate(table)


def regexp_replace(text, pattern, replacement):
    escaped = re.sub(r"\$(\d+)", r"\\g<\1>", replacement.replace("\\", "\\\\"))
    return pattern_of(pattern).sub(escaped, text)


def group_of(match, group):
    if group > match.re.groups or group < 0:
        raise Failed(f"the pattern `{match.re.pattern}` has no group {group}")
    return match.group(group) or ""


def regexp_extract(text, pattern, group):
    match = pattern_of(pattern).search(text)
    return "" if match is None else group_of(match, group)


def regexp_substr(text, pattern):
    match = pattern_of(pattern).search(text)
    return None if match is None else match.group()


def regexp_instr(text, pattern):
    match = pattern_of(pattern).search(text)
    return 0 if match is None else match.start() + 1


def split(text, pattern):
    parts, at = [], 0
    for match in pattern_of(pattern).finditer(text):
        if match.end() == 0 or match.start() == match.end() == len(text):
            continue
        parts.append(text[at : match.start()])
        at = match.end()
    return [*parts, text[at:]]


def split_part(text, delimiter, index):
    if index == 0:
        raise Failed("splitPart: the index 0 names no part")
    parts = text.split(delimiter) if delimiter else [text]
    at = index - 1 if index > 0 else len(parts) + index
    return parts[at] if 0 <= at < len(parts) else ""


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


CODES = {letter: str(digit) for digit, letters in enumerate(["BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"], 1) for letter in letters}


def soundex(text):
    if text == "" or not text[0].isascii() or not text[0].isalpha():
        return text
    letters = text.upper()
    code, last = letters[0], CODES.get(letters[0])
    for letter in letters[1:]:
        digit = CODES.get(letter)
        if digit is not None and digit != last:
            code += digit
        if letter not in "HW":
            last = digit
    return (code + "000")[:4]


def find_in_set(text, items):
    parts = items.split(",")
    return 0 if "," in text or text not in parts else parts.index(text) + 1


def unhex(text):
    try:
        return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)
    except ValueError as error:
        raise Failed(f"`{text}` is not hexadecimal") from error


def unbase64(text):
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Failed(f"`{text}` is not base64") from error


FUNCTIONS = {
    "initcap": lambda text: re.sub(r"[^ ]+", lambda match: match[0][0].upper() + match[0][1:].lower(), text),
    "trim": lambda text, letters: text.strip(letters) if letters else text,
    "ltrim": lambda text, letters: text.lstrip(letters) if letters else text,
    "rtrim": lambda text, letters: text.rstrip(letters) if letters else text,
    "lpad": lambda text, length, fill: pad(text, length, fill, True),
    "rpad": lambda text, length, fill: pad(text, length, fill, False),
    "repeat": lambda text, count: text * count,
    "reverse": lambda text: text[::-1],
    "concatWs": lambda separator, *parts: None if separator is None else separator.join(p for p in parts if p is not None),
    "substring": substring,
    "substringIndex": substring_index,
    "left": lambda text, length: text[: max(length, 0)],
    "right": lambda text, length: text[-length:] if length > 0 else "",
    "overlay": overlay,
    "replace": lambda text, search, other: text.replace(search, other) if search else text,
    "translate": translate,
    "contains": lambda text, part: part in text,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "rlike": lambda text, pattern: pattern_of(pattern).search(text) is not None,
    "regexpReplace": regexp_replace,
    "regexpExtract": regexp_extract,
    "regexpExtractAll": lambda text, pattern, group: [group_of(m, group) for m in pattern_of(pattern).finditer(text)],
    "regexpCount": lambda text, pattern: sum(1 for _ in pattern_of(pattern).finditer(text)),
    "regexpSubstr": regexp_substr,
    "regexpInstr": regexp_instr,
    "split": split,
    "splitPart": split_part,
    "instr": lambda text, part: text.find(part) + 1,
    "locate": lambda part, text: text.find(part) + 1,
    "findInSet": find_in_set,
    "levenshtein": levenshtein,
    "soundex": soundex,
    "ascii": lambda text: ord(text[0]) if text else 0,
    "chr": lambda code: "" if code < 0 else chr(code % 256),
    "urlEncode": lambda text: quote_plus(text, safe="*-._").replace("~", "%7E"),
    "urlDecode": unquote_plus,
    "encode": lambda text: text.encode(),
    "decode": lambda data: data.decode("utf-8", "replace"),
    "base64": lambda data: base64.b64encode(data).decode(),
    "unbase64": unbase64,
    "hexEncode": lambda data: data.hex().upper(),
    "unhex": unhex,
    "md5": lambda text: hashlib.md5(text.encode()).hexdigest(),
    "sha1": lambda text: hashlib.sha1(text.encode()).hexdigest(),
    "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "sha512": lambda text: hashlib.sha512(text.encode()).hexdigest(),
    "crc32": lambda text: zlib.crc32(text.encode()),
    "uuid": lambda: str(uuid.uuid4()),
}
