"""Lists and maps, value by value. A map is a list of pairs, as Arrow gives it."""

from .convert import Failed


def unique(items):
    seen = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


def element_at(items, position):
    if position == 0:
        raise Failed("elementAt: positions begin at 1")
    at = position - 1 if position > 0 else len(items) + position
    return items[at] if 0 <= at < len(items) else None


def ordered(items, nulls_first):
    nulls = [None] * items.count(None)
    found = sorted((item for item in items if item is not None), key=sort_key)
    return nulls + found if nulls_first else found + nulls


def sort_key(item):
    """NaN is the largest; structs go field by field, NULL first."""
    if isinstance(item, float):
        return (item != item, 0.0 if item != item else item)
    if isinstance(item, dict):
        return [(value is not None, 0 if value is None else sort_key(value)) for value in item.values()]
    if isinstance(item, list):
        return [(value is not None, 0 if value is None else sort_key(value)) for value in item]
    return item


def slice_of(items, start, length):
    if start == 0 or length < 0:
        raise Failed("slice: positions begin at 1 and a length is not negative")
    begin = start - 1 if start > 0 else len(items) + start
    return [] if begin < 0 else items[begin : begin + length]


def flatten(lists):
    return None if None in lists else [item for items in lists for item in items]


def sequence(start, stop, step):
    if step == 0 and start != stop or start < stop and step < 0 or start > stop and step > 0:
        raise Failed(f"sequence: a step of {step} does not lead from {start} to {stop}")
    return list(range(start, stop + (1 if step > 0 else -1), step)) if step else [start]


def overlap(a, b):
    if any(item is not None and item in b for item in a):
        return True
    return None if a and b and (None in a or None in b) else False


def contains(items, element):
    if items is None or element is None:
        return None
    return True if element in items else None if None in items else False


def map_from(keys, entries):
    if keys is None or entries is None:
        return None
    if None in keys or len(keys) != len(entries) or len(unique(keys)) != len(keys):
        raise Failed("mapFromArrays: keys are different, not NULL, and as many as the values")
    return list(zip(keys, entries))


def map_concat(a, b):
    if any(key == other for key, _ in a for other, _ in b):
        raise Failed("mapConcat: both maps have the same key")
    return a + b


def best(pick):
    return lambda items: pick((item for item in items if item is not None), key=sort_key, default=None)


FUNCTIONS = {
    "array": lambda *items: list(items),
    "size": len,
    "get": lambda items, index: items[index] if 0 <= index < len(items) else None,
    "elementAt": element_at,
    "arrayContains": contains,
    "arrayPosition": lambda items, element: items.index(element) + 1 if element in items else 0,
    "arrayDistinct": unique,
    "arrayUnion": lambda a, b: unique(a + b),
    "arrayIntersect": lambda a, b: unique(item for item in a if item in b),
    "arrayExcept": lambda a, b: unique(item for item in a if item not in b),
    "arraysOverlap": overlap,
    "arrayJoin": lambda items, separator: separator.join(item for item in items if item is not None),
    "arrayMax": best(max),
    "arrayMin": best(min),
    "arraySort": lambda items: ordered(items, False),
    "sortArray": lambda items: ordered(items, True),
    "arrayReverse": lambda items: items[::-1],
    "arrayAppend": lambda items, element: None if items is None else [*items, element],
    "arrayPrepend": lambda items, element: None if items is None else [element, *items],
    "arrayRemove": lambda items, element: [item for item in items if item != element],
    "arrayCompact": lambda items: [item for item in items if item is not None],
    "arrayConcat": lambda a, b: a + b,
    "arrayRepeat": lambda element, count: None if count is None else [element] * max(count, 0),
    "slice": slice_of,
    "flatten": flatten,
    "sequence": sequence,
    "mapFromArrays": map_from,
    "mapKeys": lambda entries: [key for key, _ in entries],
    "mapValues": lambda entries: [value for _, value in entries],
    "mapEntries": lambda entries: [{"key": key, "value": value} for key, value in entries],
    "cardinality": len,
    "getItem": lambda entries, key: next((value for found, value in entries if found == key), None),
    "mapContainsKey": lambda entries, key: any(found == key for found, _ in entries),
    "mapConcat": map_concat,
}
