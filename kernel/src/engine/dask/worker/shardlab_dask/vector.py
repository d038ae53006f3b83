"""Functions as vector operations of Arrow. Each takes its arguments as arrays of the types that the plan says, the result's
type and the number of rows."""

import math
from decimal import ROUND_DOWN, Decimal, localcontext

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .convert import Failed, fitted


def compare(operation):
    """NaN equals NaN and is larger than any number."""

    def run(args, kind, count):
        a, b = args
        if not pa.types.is_floating(a.type):
            return operation(a, b)
        if not (pc.any(pc.is_nan(a)).as_py() or pc.any(pc.is_nan(b)).as_py()):
            return operation(a, b)
        nan = pc.cast(pc.is_nan(a), pa.int8()), pc.cast(pc.is_nan(b), pa.int8())
        either = pc.not_equal(pc.add(*nan), 0)
        return pc.if_else(either, operation(*nan), operation(a, b))

    return run


EQ, NE = compare(pc.equal), compare(pc.not_equal)
LT, LTE, GT, GTE = map(compare, (pc.less, pc.less_equal, pc.greater, pc.greater_equal))


def equal(a, b):
    """Nested values too, which Arrow does not compare."""
    if pa.types.is_nested(a.type):
        pairs = zip(a.to_pylist(), b.to_pylist())
        return pa.array([None if x is None or y is None else x == y for x, y in pairs], pa.bool_())
    return EQ([a, b], None, len(a))


def is_in(args, kind, count):
    found = pa.repeat(pa.scalar(False), count)
    for other in args[1:]:
        found = pc.or_kleene(found, equal(args[0], other))
    return found


def eq_null_safe(args, kind, count):
    a, b = args
    both = pc.and_(pc.is_null(a), pc.is_null(b))
    return pc.or_(pc.fill_null(equal(a, b), False), both)


def extreme(larger):
    """NULLs are skipped; NaN is the largest."""
    better = GT if larger else LT

    def run(args, kind, count):
        best = args[0]
        for other in args[1:]:
            wins = pc.or_kleene(pc.is_null(best), better([other, best], None, count))
            best = pc.if_else(pc.and_(pc.is_valid(other), pc.fill_null(wins, False)), other, best)
        return best

    return run


def arithmetic(operation, exact, attempt=False):
    """Checked; decimals beyond what Arrow computes go through Python's, rounded half away from zero."""

    def run(args, kind, count):
        a, b = args
        if pa.types.is_decimal(kind):
            try:
                return pc.cast(operation(a, b), kind)
            except pa.ArrowInvalid:
                return pairwise(a, b, kind, exact, attempt)
        if attempt and pa.types.is_integer(kind):
            try:
                return operation(a, b)
            except pa.ArrowInvalid:
                return pairwise(a, b, kind, exact, True)
        return operation(a, b)

    return run


def pairwise(a, b, kind, exact, attempt):
    shape = {"precision": kind.precision, "scale": kind.scale} if pa.types.is_decimal(kind) else None

    def one(x, y):
        if x is None or y is None:
            return None
        try:
            with localcontext() as context:
                context.prec = 80
                found = exact(x, y)
            return found if shape is None else fitted(found, shape)
        except Failed:
            if attempt:
                return None
            raise

    found = [one(x, y) for x, y in zip(a.to_pylist(), b.to_pylist())]
    if shape is None:
        low, high = -(2 ** (kind.bit_width - 1)), 2 ** (kind.bit_width - 1) - 1
        found = [None if v is None or not low <= v <= high else v for v in found]
    return pa.array(found, kind)


def divide(args, kind, count):
    a, b = args
    if pc.any(pc.and_(pc.equal(b, 0), pc.is_valid(a))).as_py():
        raise Failed("division by zero")
    return pc.divide(a, b)


def try_divide(args, kind, count):
    a, b = args
    return pc.divide(a, pc.if_else(pc.equal(b, 0), pa.scalar(None, b.type), b))


def remainder(positive):
    def one(x, y):
        if y == 0:
            raise Failed("division by zero")
        if isinstance(x, Decimal):
            rest = x - y * (x / y).to_integral_value(rounding=ROUND_DOWN)
        else:
            rest = math.fmod(x, y) if isinstance(x, float) else int(abs(x) % abs(y)) * (1 if x >= 0 else -1)
        return (rest + y) % y if positive and rest < 0 else rest

    def run(args, kind, count):
        with localcontext() as context:
            context.prec = 80
            pairs = zip(args[0].to_pylist(), args[1].to_pylist())
            return pa.array([None if x is None or y is None else one(x, y) for x, y in pairs], kind)

    return run


def integer_divide(args, kind, count):
    a, b = args
    if pc.any(pc.and_(pc.equal(b, 0), pc.is_valid(a))).as_py():
        raise Failed("division by zero")
    return pc.divide_checked(a, b)


def whole(operation):
    def run(args, kind, count):
        found = operation(args[0])
        if pa.types.is_floating(found.type):
            if pc.any(pc.greater_equal(pc.abs(found), 2.0**63)).as_py():
                raise Failed("a number does not fit into int64")
            found = pc.cast(found, pa.int64(), safe=False)
        return pc.cast(found, kind)

    return run


def rounded(mode):
    def one(value, digits):
        if value is None or digits is None:
            return None
        if isinstance(value, float):
            if not math.isfinite(value):
                return value
            return float(exact(Decimal(repr(value)), digits))
        found = exact(Decimal(value), digits)
        return found if isinstance(value, Decimal) else int(found)

    def exact(value, digits):
        with localcontext() as context:
            context.prec = 400
            return value.quantize(Decimal(1).scaleb(-digits), rounding=mode)

    def run(args, kind, count):
        found = [one(v, d) for v, d in zip(args[0].to_pylist(), args[1].to_pylist())]
        if pa.types.is_decimal(kind):
            shape = {"precision": kind.precision, "scale": kind.scale}
            found = [None if v is None else fitted(v, shape) for v in found]
        return pa.array(found, kind)

    return run


def numeric(operation):
    """A function of numpy over floats, NULL where an argument is."""

    def run(args, kind, count):
        valid = None
        for arg in args:
            valid = pc.is_valid(arg) if valid is None else pc.and_(valid, pc.is_valid(arg))
        arrays = [arg.cast(pa.float64()).fill_null(1.0).to_numpy(zero_copy_only=False) for arg in args]
        with np.errstate(all="ignore"):
            found = pa.array(operation(*arrays)).cast(kind)
        return pc.if_else(valid, found, pa.scalar(None, kind))

    return run


def positive_only(operation, least=0.0):
    """NULL at `least` and below."""

    def run(args, kind, count):
        found = numeric(operation)(args, kind, count)
        return pc.if_else(pc.fill_null(pc.greater(args[0], least), False), found, pa.scalar(None, kind))

    return run


def zero_error(operation):
    """1 / 0 is Infinity for these, as in Java."""
    return numeric(lambda x: 1 / operation(x))


def digits_kept(operation):
    return lambda args, kind, count: operation(*args).cast(kind)


def shift(operation):
    def run(args, kind, count):
        pairs = zip(args[0].to_pylist(), args[1].to_pylist())
        return pa.array([None if x is None or n is None else wrapped(operation(x, n % 64)) for x, n in pairs], kind)

    return run


def wrapped(value):
    value &= 2**64 - 1
    return value - 2**64 if value >= 2**63 else value


def coalesce(args, kind, count):
    return pc.coalesce(*[arg.cast(kind) for arg in args]) if not pa.types.is_nested(kind) else nested_coalesce(args, kind)


def nested_coalesce(args, kind):
    rows = zip(*(arg.to_pylist() for arg in args))
    return pa.array([next((v for v in row if v is not None), None) for row in rows], kind)


def null_if(args, kind, count):
    same = pc.fill_null(equal(args[0], args[1]), False)
    return pc.if_else(same, pa.scalar(None, kind), args[0])


def concat(args, kind, count):
    return pc.binary_join_element_wise(*args, "")


def constant(value):
    return lambda args, kind, count: pa.repeat(pa.scalar(value, kind), count)


def part(operation, plus=0):
    return lambda args, kind, count: pc.add(operation(args[0]), plus).cast(kind)


def like(ignore_case):
    def run(args, kind, count):
        if pc.count_distinct(args[1]).as_py() == 1 and args[1].null_count == 0:
            return pc.match_like(args[0], args[1][0].as_py(), ignore_case=ignore_case)
        pairs = [(pa.array([a], pa.string()), b) for a, b in zip(args[0].to_pylist(), args[1].to_pylist())]
        found = [None if b is None else pc.match_like(a, b, ignore_case=ignore_case)[0].as_py() for a, b in pairs]
        return pa.array(found, kind)

    return run


def random(draw):
    return lambda args, kind, count: pa.array(draw(np.random.default_rng(), count))


FUNCTIONS = {
    "eq": lambda args, kind, count: equal(*args),
    "ne": lambda args, kind, count: pc.invert(equal(*args)),
    "lt": LT, "lte": LTE, "gt": GT, "gte": GTE,
    "between": lambda args, kind, count: pc.and_kleene(GTE(args[:2], kind, count), LTE(args[::2], kind, count)),
    "isIn": is_in,
    "eqNullSafe": eq_null_safe,
    "isNull": lambda args, kind, count: pc.is_null(args[0]),
    "isNotNull": lambda args, kind, count: pc.is_valid(args[0]),
    "isNaN": lambda args, kind, count: pc.fill_null(pc.is_nan(args[0].cast(pa.float64())), False),
    "and": lambda args, kind, count: pc.and_kleene(*args),
    "or": lambda args, kind, count: pc.or_kleene(*args),
    "not": lambda args, kind, count: pc.invert(args[0]),
    "xor": lambda args, kind, count: pc.xor(*args),
    "coalesce": coalesce, "ifNull": coalesce,
    "nvl2": lambda args, kind, count: pc.if_else(pc.is_valid(args[0]), args[1], args[2]),
    "nullIf": null_if,
    "nullIfZero": lambda args, kind, count: null_if([args[0], pa.array([0] * count).cast(kind)], kind, count),
    "zeroIfNull": lambda args, kind, count: coalesce([args[0], pa.array([0] * count).cast(kind)], kind, count),
    "nanvl": lambda args, kind, count: pc.if_else(pc.is_nan(args[0]), args[1], args[0]),
    "greatest": extreme(True), "least": extreme(False),
    "add": arithmetic(pc.add_checked, lambda x, y: x + y),
    "sub": arithmetic(pc.subtract_checked, lambda x, y: x - y),
    "mul": arithmetic(pc.multiply_checked, lambda x, y: x * y),
    "tryAdd": arithmetic(pc.add_checked, lambda x, y: x + y, True),
    "trySub": arithmetic(pc.subtract_checked, lambda x, y: x - y, True),
    "tryMul": arithmetic(pc.multiply_checked, lambda x, y: x * y, True),
    "div": divide, "tryDiv": try_divide,
    "mod": remainder(False), "pmod": remainder(True), "intDiv": integer_divide,
    "neg": lambda args, kind, count: (pc.negate if pa.types.is_decimal(kind) else pc.negate_checked)(args[0]),
    "abs": lambda args, kind, count: (pc.abs if pa.types.is_decimal(kind) else pc.abs_checked)(args[0]),
    "signum": lambda args, kind, count: pc.sign(args[0].cast(pa.float64())).cast(kind),
    "round": rounded("ROUND_HALF_UP"), "bround": rounded("ROUND_HALF_EVEN"),
    "rint": numeric(np.rint),
    "floor": whole(pc.floor), "ceil": whole(pc.ceil),
    "sqrt": numeric(np.sqrt), "cbrt": numeric(np.cbrt), "pow": numeric(np.power),
    "exp": numeric(np.exp), "expm1": numeric(np.expm1),
    "log": positive_only(np.log), "log2": positive_only(np.log2), "log10": positive_only(np.log10),
    "log1p": positive_only(np.log1p, -1.0),
    "sin": numeric(np.sin), "cos": numeric(np.cos), "tan": numeric(np.tan),
    "cot": zero_error(np.tan), "sec": zero_error(np.cos), "csc": zero_error(np.sin),
    "asin": numeric(np.arcsin), "acos": numeric(np.arccos), "atan": numeric(np.arctan), "atan2": numeric(np.arctan2),
    "sinh": numeric(np.sinh), "cosh": numeric(np.cosh), "tanh": numeric(np.tanh),
    "asinh": numeric(np.arcsinh), "acosh": numeric(np.arccosh), "atanh": numeric(np.arctanh),
    "hypot": numeric(np.hypot), "degrees": numeric(np.degrees), "radians": numeric(np.radians),
    "pi": constant(math.pi), "e": constant(math.e),
    "bitwiseAnd": digits_kept(pc.bit_wise_and), "bitwiseOr": digits_kept(pc.bit_wise_or),
    "bitwiseXor": digits_kept(pc.bit_wise_xor), "bitwiseNot": digits_kept(pc.bit_wise_not),
    "shiftLeft": shift(lambda x, n: x << n), "shiftRight": shift(lambda x, n: x >> n),
    "rand": random(lambda generator, count: generator.random(count)),
    "randn": random(lambda generator, count: generator.standard_normal(count)),
    "lower": lambda args, kind, count: pc.utf8_lower(args[0]),
    "upper": lambda args, kind, count: pc.utf8_upper(args[0]),
    "length": digits_kept(pc.utf8_length), "octetLength": digits_kept(pc.binary_length),
    "bitLength": lambda args, kind, count: pc.multiply(pc.binary_length(args[0]), 8).cast(kind),
    "concat": concat,
    "like": like(False), "ilike": like(True),
    "year": part(pc.year), "quarter": part(pc.quarter), "month": part(pc.month), "weekofyear": part(pc.iso_week),
    "day": part(pc.day), "dayofmonth": part(pc.day), "dayofyear": part(pc.day_of_year),
    "weekday": part(pc.day_of_week),
    "dayofweek": lambda args, kind, count: pc.day_of_week(args[0], week_start=7, count_from_zero=False).cast(kind),
}  # fmt: skip
