"""Numbers as digits, value by value."""

import math
import string
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

DIGITS = string.digits + string.ascii_uppercase


def unsigned(value):
    return value & (2**64 - 1)


def in_base(value, base):
    found = ""
    while value:
        value, digit = divmod(value, base)
        found = DIGITS[digit] + found
    return found or "0"


def conv(text, source, target):
    """Reads as far as the digits go; a target below 0 is signed."""
    text = text.strip().upper()
    negative, value = text.startswith("-"), 0
    for letter in text.lstrip("-"):
        digit = DIGITS.find(letter)
        if not 0 <= digit < source:
            break
        value = min(value * source + digit, 2**64 - 1)
    value = unsigned(-value) if negative else value
    if target < 0:
        signed = value - 2**64 if value >= 2**63 else value
        return ("-" if signed < 0 else "") + in_base(abs(signed), -target)
    return in_base(value, target)


def format_number(value, digits):
    with localcontext() as context:
        context.prec = 400
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not exact.is_finite():
            return str(value)
        return f"{exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN):,f}"


FUNCTIONS = {
    "factorial": lambda value: math.factorial(value) if 0 <= value <= 20 else None,
    "bitCount": lambda value: unsigned(value).bit_count(),
    "bin": lambda value: format(unsigned(value), "b"),
    "hex": lambda value: format(unsigned(value), "X"),
    "conv": conv,
    "formatNumber": format_number,
}
