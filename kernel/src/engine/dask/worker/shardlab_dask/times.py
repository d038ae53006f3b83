"""Dates and times, value by value, in UTC where no zone is given."""

import datetime as dt
import re
from calendar import monthrange
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .convert import EPOCH, UTC, Failed, micros_of

NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
FULL_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FULL_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]  # fmt: skip
UNITS = {"MICROSECOND": 1, "MILLISECOND": 1_000, "SECOND": 10**6, "MINUTE": 60 * 10**6, "HOUR": 3600 * 10**6}
UNITS |= {"DAY": 86400 * 10**6, "WEEK": 7 * 86400 * 10**6}
MONTH_UNITS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
MICRO = dt.timedelta(microseconds=1)


def clock(value):
    """A date is its midnight; an instant shows its clock in UTC."""
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    return value.replace(tzinfo=None)


def zone_of(name):
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return dt.timezone(dt.timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Failed(f"there is no time zone `{name}`") from error


def add_months(value, months):
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))


def next_day(value, name):
    key = name.strip().lower()
    found = [i for i, full in enumerate(FULL_NAMES) if key in (full.lower(), full.lower()[:3], full.lower()[:2])]
    if not found:
        raise Failed(f"`{name}` is no day of the week")
    return value + dt.timedelta(days=(found[0] - value.weekday() - 1) % 7 + 1)


def months_between(end, start):
    months = (end.year - start.year) * 12 + end.month - start.month
    last = lambda value: value.day == monthrange(value.year, value.month)[1]
    if end.day == start.day or last(end) and last(start):
        return float(months)
    seconds = lambda value: (value.day * 86400) + value.hour * 3600 + value.minute * 60 + value.second
    return round(months + (seconds(end) - seconds(start)) / (31 * 86400), 8)


def unit_of(name):
    unit = name.strip().upper()
    if unit not in UNITS and unit not in MONTH_UNITS:
        raise Failed(f"`{name}` is no unit of time")
    return unit


def timestamp_add(value, name, count):
    unit = unit_of(name)
    if unit in MONTH_UNITS:
        return add_months(value, count * MONTH_UNITS[unit])
    return value + MICRO * (UNITS[unit] * count)


def timestamp_diff(end, name, start):
    unit = unit_of(name)
    if unit in UNITS:
        return cut((end - start) // MICRO, UNITS[unit])
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and add_months(start, months) > end:
        months -= 1
    elif months < 0 and add_months(start, months) < end:
        months += 1
    return cut(months, MONTH_UNITS[unit])


def cut(value, by):
    return value // by if value >= 0 else -(-value // by)


def truncate(value, name):
    unit = {"yyyy": "year", "yy": "year", "mon": "month", "mm": "month", "dd": "day"}.get(name.lower(), name.lower())
    at = clock(value)
    zero = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    if unit == "year":
        at = at.replace(month=1, day=1, **zero)
    elif unit == "quarter":
        at = at.replace(month=(at.month - 1) // 3 * 3 + 1, day=1, **zero)
    elif unit == "month":
        at = at.replace(day=1, **zero)
    elif unit == "week":
        at = at.replace(**zero) - dt.timedelta(days=at.weekday())
    elif unit == "day":
        at = at.replace(**zero)
    elif unit in ("hour", "minute", "second"):
        at -= dt.timedelta(microseconds=micros_of(at) % UNITS[unit.upper()])
    else:
        raise Failed(f"`{name}` is no unit that time is cut to")
    return at.replace(tzinfo=value.tzinfo) if isinstance(value, dt.datetime) else at


PATTERN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|.", re.S)


def tokens(pattern):
    for match in PATTERN.finditer(pattern):
        if match[1] is not None:
            yield "text", match[1].replace("''", "'") or "'"
        elif match[2] is None:
            yield "text", match[0]
        else:
            yield match[2], match[0]


def date_format(value, pattern):
    at = clock(value)
    return "".join(text if letter == "text" else formatted(at, letter, len(text)) for letter, text in tokens(pattern))


def formatted(at, letter, width):
    hour = at.hour % 12
    numbers = {
        "y": at.year % 100 if width == 2 else at.year, "u": at.year, "M": at.month, "L": at.month, "d": at.day,
        "D": at.timetuple().tm_yday, "H": at.hour, "h": hour or 12, "k": at.hour or 24, "K": hour, "m": at.minute,
        "s": at.second, "q": (at.month + 2) // 3, "Q": (at.month + 2) // 3,
    }  # fmt: skip
    if letter in "ML" and width >= 3:
        return (MONTHS if width == 3 else FULL_MONTHS)[at.month - 1]
    if letter == "E":
        return (NAMES if width <= 3 else FULL_NAMES)[at.weekday()]
    if letter == "a":
        return "AM" if at.hour < 12 else "PM"
    if letter == "S":
        return f"{at.microsecond:06d}".ljust(width, "0")[:width]
    if letter in numbers:
        return str(numbers[letter]).zfill(width)
    raise Failed(f"the letter `{letter}` of a pattern of time")


READ = {"y": "year", "u": "year", "M": "month", "d": "day", "H": "hour", "h": "hour", "m": "minute", "s": "second"}


def parse(text, pattern):
    """Text of another form than the pattern is an error."""
    form, fields = "", []
    for letter, part in tokens(pattern):
        if letter == "text":
            form += re.escape(part)
        elif letter == "S":
            form += rf"(\d{{1,{len(part)}}})"
            fields.append("fraction")
        elif letter == "M" and len(part) >= 3:
            form += r"([A-Za-z]+)"
            fields.append("name")
        elif letter == "a":
            form += r"([AaPp][Mm])"
            fields.append("half")
        elif letter in READ:
            form += rf"(\d{{{len(part)}}})" if len(part) > 1 else r"(\d+)"
            fields.append(READ[letter])
        else:
            raise Failed(f"the letter `{letter}` of a pattern of time")
    match = re.fullmatch(form, text)
    if match is None:
        raise Failed(f"`{text}` is not of the form `{pattern}`")
    return assembled(dict(zip(fields, match.groups())), text)


def assembled(found, text):
    try:
        month = found.get("month") or month_of(found.get("name"))
        hour = int(found.get("hour", 0))
        if "half" in found:
            hour = hour % 12 + (12 if found["half"].upper() == "PM" else 0)
        year = int(found.get("year", 1970))
        year += 2000 if len(found.get("year", "1970")) == 2 else 0
        micros = int(found.get("fraction", "0").ljust(6, "0")[:6])
        return dt.datetime(
            year, int(month), int(found.get("day", 1)), hour, int(found.get("minute", 0)), int(found.get("second", 0)), micros
        )
    except ValueError as error:
        raise Failed(f"`{text}` is no time: {error}") from error


def month_of(name):
    if name is None:
        return 1
    for index, full in enumerate(FULL_MONTHS, 1):
        if name.lower() in (full.lower(), full[:3].lower()):
            return index
    raise ValueError(f"no month {name}")


def make_timestamp(year, month, day, hour, minute, second):
    try:
        return dt.datetime(year, month, day, hour, minute) + MICRO * round(second * 1_000_000)
    except ValueError as error:
        raise Failed(f"makeTimestamp: {error}") from error


def make_date(year, month, day):
    try:
        return dt.date(year, month, day)
    except ValueError as error:
        raise Failed(f"makeDate: {error}") from error


def shown(instant, zone):
    return instant.replace(tzinfo=UTC).astimezone(zone_of(zone)).replace(tzinfo=None)


def instant(value, zone):
    return value.replace(tzinfo=zone_of(zone)).astimezone(UTC)


def from_micros(value, scale):
    return (EPOCH + MICRO * (value * scale)).replace(tzinfo=UTC)


FUNCTIONS = {
    "hour": lambda value: clock(value).hour,
    "minute": lambda value: clock(value).minute,
    "second": lambda value: clock(value).second,
    "dayname": lambda value: NAMES[value.weekday()],
    "monthname": lambda value: MONTHS[value.month - 1],
    "lastDay": lambda value: value.replace(day=monthrange(value.year, value.month)[1]),
    "nextDay": next_day,
    "dateAdd": lambda value, days: value + dt.timedelta(days=days),
    "dateSub": lambda value, days: value - dt.timedelta(days=days),
    "dateDiff": lambda end, start: (end - start).days,
    "addMonths": add_months,
    "monthsBetween": months_between,
    "timestampAdd": timestamp_add,
    "timestampDiff": timestamp_diff,
    "dateTrunc": truncate,
    "trunc": lambda value, unit: truncate(value, unit).date(),
    "dateFormat": date_format,
    "toDate": lambda text, pattern: parse(text, pattern).date(),
    "toTimestamp": parse,
    "makeDate": make_date,
    "makeTimestamp": make_timestamp,
    "currentDate": lambda: dt.datetime.now(UTC).date(),
    "currentTimestamp": lambda: dt.datetime.now(UTC),
    "unixTimestamp": lambda value: micros_of(value) // 1_000_000,
    "unixMillis": lambda value: micros_of(value) // 1_000,
    "unixMicros": micros_of,
    "unixDate": lambda value: (value - EPOCH.date()).days,
    "dateFromUnixDate": lambda days: EPOCH.date() + dt.timedelta(days=days),
    "timestampSeconds": lambda value: from_micros(value, 1_000_000),
    "timestampMillis": lambda value: from_micros(value, 1_000),
    "timestampMicros": lambda value: from_micros(value, 1),
    "convertTimezone": lambda value, source, to: shown(instant(value, source), to),
    "fromUtcTimestamp": shown,
    "toUtcTimestamp": lambda value, zone: instant(value, zone).replace(tzinfo=None),
    "atTimeZone": instant,
    "inTimeZone": shown,
}
