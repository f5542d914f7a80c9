"""Times of XProtect: ticks of 100 ns, written with seven digits."""

from datetime import UTC, datetime, timedelta
import re

TICKS_PER_SECOND = 10_000_000

# The accuracy of time filters in the Events REST API: 10 ms (protocol §4.4).
FILTER_ACCURACY = TICKS_PER_SECOND // 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS_PER_MICROSECOND = 10
_SECONDS_PER_DAY = 86_400
_FORM = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def to_ticks(moment: datetime) -> int:
    """Return the ticks since 1970 of a time with zone."""
    since = moment - _EPOCH
    seconds = since.days * _SECONDS_PER_DAY + since.seconds
    return seconds * TICKS_PER_SECOND + since.microseconds * _TICKS_PER_MICROSECOND


def to_datetime(ticks: int) -> datetime:
    """Return the time in UTC, without its seventh digit."""
    return _EPOCH + timedelta(microseconds=ticks // _TICKS_PER_MICROSECOND)


def to_text(ticks: int) -> str:
    """Return the server's form of a time: UTC, seven digits, `Z`."""
    return f"{to_datetime(ticks).isoformat()[:19]}.{ticks % TICKS_PER_SECOND:07d}Z"


def parse(text: str) -> int:
    """Return the ticks of an ISO 8601 time with zone. Raises ValueError."""
    problem = f"'{text}' is not an ISO 8601 date-time with a zone"
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(problem)
    whole, fraction, zone = found.groups()
    moment = datetime.fromisoformat(whole + zone)
    ticks = to_ticks(moment) + int((fraction or "").ljust(7, "0"))
    try:
        to_datetime(ticks)
    except OverflowError as error:
        # In UTC it is outside the years 1 to 9999.
        raise ValueError(problem) from error
    return ticks
