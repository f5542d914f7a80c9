"""Whether a picture shows the moment of an event, and how long to wait for it."""

from datetime import datetime, timedelta

# A picture farther away shows another moment. Cameras record a picture at least every
# few seconds, and the clocks of servers differ by about a second.
TOLERANCE = timedelta(seconds=10)
# A picture reaches the recorder's database after about a second (protocol §11.3). An
# earlier request returns the picture before it.
WRITTEN_AFTER = timedelta(seconds=2)
# A recorded picture this near is the one of the event. One farther away may be the last
# of an earlier recording, while the event's own is not written yet.
NEAR = timedelta(seconds=2)
# The picture of a younger event may not be recorded yet, so it is requested twice.
RETRY_UNTIL = timedelta(seconds=10)
RETRY_PAUSE = timedelta(seconds=2)
# For a younger event without a recorded picture, the live picture shows nearly the
# same. A phone needs a few seconds to request it.
LIVE_UNTIL = timedelta(seconds=10)
# A live picture is the last key frame. Smart codecs have one in half a minute; an older
# one is from before the camera went offline.
LIVE_AGE = timedelta(seconds=60)


def is_of(moment: datetime, shown: datetime) -> bool:
    """Whether a picture shows the requested moment."""
    return abs(shown - moment) <= TOLERANCE


def is_final(moment: datetime, shown: datetime, age: timedelta) -> bool:
    """Whether no nearer picture of an event of this age will be written."""
    return abs(shown - moment) <= NEAR or not is_worth_another(age)


def is_now(shown: datetime, now: datetime) -> bool:
    """Whether a live picture is recent enough."""
    return now - shown <= LIVE_AGE


def can_stand_in(moment: datetime, shown: datetime) -> bool:
    """Whether a live picture shows the moment of an event or the time after it."""
    return shown >= moment - TOLERANCE


def wait_first(age: timedelta) -> float:
    """Return the seconds until the picture of an event of this age is written."""
    return max(WRITTEN_AFTER - max(age, timedelta()), timedelta()).total_seconds()


def is_worth_another(age: timedelta) -> bool:
    """Whether to request the picture of an event of this age a second time."""
    return age < RETRY_UNTIL


def may_be_live(age: timedelta) -> bool:
    """Whether a live picture may replace the recorded one of an event."""
    return age < LIVE_UNTIL
