"""Expressions of a plan as data: what is below one, which columns it names, parts of it taken out, its type."""

import json

#: Expressions with one other below them.
INNER = ("cast", "fromJson", "alias", "order", "field")


def children(node):
    op = node["op"]
    if op in ("call", "aggregate", "ranking"):
        return node["args"]
    if op == "case":
        branches = [child for branch in node["branches"] for child in (branch["when"], branch["value"])]
        return branches + ([node["otherwise"]] if node.get("otherwise") else [])
    if op == "struct":
        return [field["expr"] for field in node["fields"]]
    if op == "window":
        return [node["input"], *node["partitionBy"], *node["orderBy"]]
    if op == "lambda":
        return [node["body"]]
    return [node["input"]] if op in INNER else []


def columns_of(node):
    if node["op"] == "column":
        return {node["name"]}
    return set().union(*map(columns_of, children(node)))


def with_columns(need, node):
    return None if need is None else need | columns_of(node)


def is_window(node):
    return node["op"] == "window"


def is_aggregate(node):
    return node["op"] == "aggregate"


def lifted(node, wanted, found, prefix="__lifted"):
    """The expression with each wanted part replaced by a column, which `found` names by the part's JSON."""
    if wanted(node):
        text = json.dumps(node)
        name = found.setdefault(text, f"{prefix}{len(found)}")
        kind = node.get("type") or node["input"].get("type")
        return {"op": "column", "name": name, "type": kind}
    change = lambda child: lifted(child, wanted, found, prefix)
    op = node["op"]
    if op in ("call", "aggregate", "ranking"):
        return {**node, "args": [change(arg) for arg in node["args"]]}
    if op == "case":
        branches = [{"when": change(b["when"]), "value": change(b["value"])} for b in node["branches"]]
        rest = {"otherwise": change(node["otherwise"])} if node.get("otherwise") else {}
        return {**node, "branches": branches, **rest}
    if op == "struct":
        return {**node, "fields": [{**f, "expr": change(f["expr"])} for f in node["fields"]]}
    if op == "lambda":
        return {**node, "body": change(node["body"])}
    return {**node, "input": change(node["input"])} if op in INNER else node


def type_of(node, fields):
    """The type of an expression; a bare column may leave it to its frame."""
    if node.get("type") is not None:
        return node["type"]
    if node["op"] == "column":
        return next(field["type"] for field in fields if field["name"] == node["name"])
    if node["op"] in ("cast", "fromJson"):
        return node["to"]
    return type_of(node["input"], fields)
