"""Teaches papermill 2.7 to write and read parameters in TypeScript.

papermill picks a translator by kernel name or language and has no plug-in point for them. It does import every
``papermill.engine`` entry point at start, so importing this module registers the translator as a side effect.
"""

import math
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

# `let sample: number = 200_000  // rows to train on`
_DECLARATION = re.compile(
    r"^\s*(?:export\s+)?(?:let|var|const)\s+(?P<name>[A-Za-z_$][\w$]*)\s*"
    r"(?::\s*(?P<type>[^=]+?)\s*)?=\s*(?P<value>.+?)\s*;?\s*(?://\s*(?P<help>.*))?$"
)
_LITERAL_TYPES = (
    ("boolean", re.compile(r"(?:true|false)$")),
    ("number", re.compile(r"[-+]?(?:\d[\d_]*\.?[\d_]*(?:e[-+]?\d+)?|\.\d+|0x[0-9a-f]+)$", re.IGNORECASE)),
    ("string", re.compile(r"([\"'`]).*\1$")),
)


class TypeScriptTranslator(Translator):
    """Python values as TypeScript literals; ``var`` because a later cell may declare the name again."""

    @classmethod
    def translate_none(cls, val):
        return "undefined"

    @classmethod
    def translate_bool(cls, val):
        return "true" if val else "false"

    @classmethod
    def translate_int(cls, val):
        # Beyond 2^53 a number literal would lose digits.
        return f"{val}n" if abs(val) > 2**53 else str(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        if math.isinf(val):
            return "Infinity" if val > 0 else "-Infinity"
        return repr(val)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(item) for item in val)}]"

    @classmethod
    def translate_dict(cls, val):
        return f"{{{', '.join(f'{cls.translate_str(key)}: {cls.translate(item)}' for key, item in val.items())}}}"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        return f"var {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        """The declarations of the parameters cell, with their written or literal type and trailing comment."""
        found = (_DECLARATION.match(line) for line in parameters_cell["source"].splitlines())
        return [
            Parameter(
                name=match["name"],
                inferred_type_name=match["type"] or _type_of(match["value"]),
                default=match["value"],
                help=match["help"] or "",
            )
            for match in found
            if match
        ]


def _type_of(literal):
    return next((name for name, pattern in _LITERAL_TYPES if pattern.match(literal)), "None")


class ShardlabEngine(NBClientEngine):
    """papermill's own engine under our name: ``--engine shardlab`` works, and is not needed."""


papermill_translators.register("typescript", TypeScriptTranslator)
papermill_translators.register("shardlab", TypeScriptTranslator)
