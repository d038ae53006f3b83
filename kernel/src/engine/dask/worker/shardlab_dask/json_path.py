"""Functions that read JSON text."""

import json
import re

STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['([^']+)'\]")


def read(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def get(text, path):
    value, at = read(text), 1
    if not path.startswith("$"):
        return None
    while at < len(path):
        step = STEP.match(path, at)
        if step is None:
            return None
        name, at = step[1] or step[3], step.end()
        if name is not None:
            value = value.get(name) if isinstance(value, dict) else None
        else:
            index = int(step[2])
            value = value[index] if isinstance(value, list) and index < len(value) else None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def array_length(text):
    value = read(text)
    return len(value) if isinstance(value, list) else None


def object_keys(text):
    value = read(text)
    return list(value) if isinstance(value, dict) else None


FUNCTIONS = {"getJsonObject": get, "jsonArrayLength": array_length, "jsonObjectKeys": object_keys}
