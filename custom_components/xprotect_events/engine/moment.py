"""Whether a recorded picture is the one of a moment, and how long to wait for it."""

from datetime import datetime, timedelta

# A picture that is farther away is of another moment. Cameras record a picture at
# least every few seconds, and the clocks of servers differ by about a second.
TOLERANCE = timedelta(seconds=10)
# The newest pictures reach the recorder's database a second late (protocol §11.3).
# Who asks earlier gets the one before.
WRITTEN_AFTER = timedelta(seconds=2)
# While an event is younger its picture may still come: worth a second question.
RETRY_UNTIL = timedelta(seconds=10)
RETRY_PAUSE = timedelta(seconds=2)
# For an event that is younger the picture of now shows nearly the same, where there is
# none of its moment. A phone needs some seconds to ask.
LIVE_UNTIL = timedelta(seconds=10)
# A picture of now is the last key frame, of which smart codecs have one in half a
# minute. An older one is what a camera sent before it went offline.
LIVE_AGE = timedelta(seconds=60)


def is_of(moment: datetime, shown: datetime) -> bool:
    """Tell whether a picture shows the moment that was asked for."""
    return abs(shown - moment) <= TOLERANCE


def is_now(shown: datetime, now: datetime) -> bool:
    """Tell whether a live picture is one of now."""
    return now - shown <= LIVE_AGE


def can_stand_in(moment: datetime, shown: datetime) -> bool:
    """Tell whether a live picture shows what an event was about, or what followed."""
    return shown >= moment - TOLERANCE


def wait_first(age: timedelta) -> float:
    """Return the seconds until the picture of an event of this age is written."""
    return max(WRITTEN_AFTER - max(age, timedelta()), timedelta()).total_seconds()


def is_worth_another(age: timedelta) -> bool:
    """Tell whether to ask again for the picture of an event of this age."""
    return age < RETRY_UNTIL


def may_be_live(age: timedelta) -> bool:
    """Tell whether the picture of now may stand in for that of the event."""
    return age < LIVE_UNTIL
