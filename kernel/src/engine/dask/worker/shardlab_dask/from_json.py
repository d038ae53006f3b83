"""JSON text to typed values by Spark's rules: a value of another kind is NULL, and with it a list or map that it is in."""

import base64
import binascii
import json
import re
from decimal import Decimal

from .convert import FLOATS, INTEGERS, Failed, fitted, time_of

MISFIT = object()
NAMED = {"NaN": "nan", **{f"{sign}{word}": f"{sign}inf" for sign in ("", "+", "-") for word in ("INF", "Infinity")}}
DECIMAL = re.compile(r"[-+0-9.eE]+")
ZONED = re.compile(r"\d.*\d.*:.*(Z|UTC|[+-]\d\d(:?\d\d)?)$")


def from_json(text, to):
    if text is None or not text.strip():
        return None
    value = read(text)
    if to["kind"] == "struct":
        return fit(value if isinstance(value, dict) else {}, to)
    if to["kind"] == "list" and to["item"]["kind"] == "struct" and isinstance(value, dict):
        value = [value]
    found = fit(value, to)
    return None if found is MISFIT else found


def read(text):
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=no_number)
    except ValueError:
        return None


def no_number(word):
    raise ValueError(word)


def fit(value, to):
    """The value in this type, or MISFIT."""
    kind = to["kind"]
    if value is None:
        return None
    if kind == "struct":
        return struct(value, to) if isinstance(value, dict) else MISFIT
    if kind == "list":
        return all_or_none([fit(item, to["item"]) for item in value]) if isinstance(value, list) else MISFIT
    if kind == "map":
        if not isinstance(value, dict):
            return MISFIT
        values = all_or_none([fit(item, to["value"]) for item in value.values()])
        return MISFIT if values is MISFIT else list(zip(value, values))
    if kind == "utf8":
        return value if isinstance(value, str) else plain(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else MISFIT
    return MISFIT if isinstance(value, bool) else scalar(value, kind, to)


def struct(value, to):
    found = {field["name"]: fit(value.get(field["name"]), field["type"]) for field in to["fields"]}
    return {name: None if item is MISFIT else item for name, item in found.items()}


def all_or_none(items):
    return MISFIT if any(item is MISFIT for item in items) else items


def plain(value):
    if isinstance(value, (bool, dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=float)
    return str(value)


def scalar(value, kind, to):
    number = isinstance(value, (int, Decimal))
    try:
        if kind in INTEGERS:
            low, high = INTEGERS[kind]
            return value if isinstance(value, int) and low <= value <= high else MISFIT
        if kind in FLOATS:
            return float(value) if number else float(NAMED[value])
        if kind == "decimal":
            return fitted(Decimal(value), to) if number or DECIMAL.fullmatch(value) else MISFIT
        if kind == "timestamptz" and isinstance(value, int):
            return time_of(value, kind)
        if not isinstance(value, str):
            return MISFIT
        if kind == "binary":
            return base64.b64decode(value, validate=True)
        return MISFIT if kind == "timestamp" and ZONED.search(value) else time_of(value, kind)
    except (Failed, KeyError, TypeError, ArithmeticError, binascii.Error):
        return MISFIT
