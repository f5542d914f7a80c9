"""Reads the events that were stored during an outage, within the user's limit."""

from collections.abc import Callable
from datetime import datetime, timedelta
import logging

from ..api import ServerClock
from .feed import CLOCK_TOLERANCE, Feed
from .page_poll import PagePoll

_LOGGER = logging.getLogger(__name__)

# A longer gap between complete polls is an outage, whose events are read in pages;
# after a shorter one a session is faster. It must be longer than the pause between two
# polls while events are pushed.
OUTAGE = timedelta(seconds=90)


class CatchUp:
    """Catches up after each outage; a catch-up may take several attempts."""

    def __init__(
        self,
        pages: PagePoll,
        feed: Feed,
        clock: ServerClock,
        *,
        limit: timedelta,
        started: Callable[[], None],
    ) -> None:
        self._pages = pages
        self._feed = feed
        self._clock = clock
        self._limit = limit
        self._started = started
        self._is_announced = False
        self._skipped_until: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Whether the last complete poll is long enough ago to be an outage."""
        return self._clock.now() - self._feed.complete_at > OUTAGE

    async def read(self) -> None:
        """Deliver the events of an outage.

        Raises any `ApiError`; the next call continues after the last delivered page.
        """
        since = self._feed.complete_at
        read = await self._pages.read(self._feed.window_start, answered=self._announce)
        self._is_announced = False
        _LOGGER.info("Caught up: %s events since %s", read.found, since)

    def look_back(self) -> bool:
        """Look back if the server's clock was set back while there were no polls.

        Events since then have times at which other events were delivered before, but
        none earlier than our own clock allows. If our clock was set back, too, only a
        position in the server's future goes back, up to the user's limit. Return
        whether the position was moved.
        """
        now, window_start = self._clock.now(), self._feed.window_start
        # The first position is an estimate of the server's time; after a restart the
        # estimate may be earlier.
        just_before = self._feed.complete_at - CLOCK_TOLERANCE
        is_of_the_future = now < min(window_start, just_before)
        unread_since = self._unread_since(now)
        if unread_since is None:
            if not is_of_the_future:
                return False
            since = now - self._limit
        elif unread_since < min(window_start, just_before):
            since = max(now - self._limit, unread_since - CLOCK_TOLERANCE)
        else:
            return False
        _LOGGER.warning(
            "The server's clock was set back: events since %s are read again and may be"
            " repeated",
            since,
        )
        if unread_since is not None and is_of_the_future:
            # Events with times in the future were delivered before the step.
            self._feed.set_back(since)
        else:
            self._feed.look_back(since)
        return True

    def _unread_since(self, now: datetime) -> datetime | None:
        """Return the server's time of the last complete poll, by its clock of now.

        Computed from the time that has passed by our own clock. `None` if our own clock
        was set back, or the position was stored by an earlier version.
        """
        last = self._feed.complete_here
        passed = None if last is None else self._clock.own_now() - last
        return None if passed is None or passed < timedelta() else now - passed

    def skip(self) -> bool:
        """Skip events before the user's limit; return whether there were any.

        The limit moves on with each failed attempt, but not after the first answer: a
        long catch-up must not skip events while it is running.
        """
        limit = self._clock.now() - self._limit
        if self._feed.complete_at >= limit - OUTAGE or self._is_announced:
            return False
        self._skipped_until = limit
        self._feed.skip_to(limit)
        return True

    def _announce(self) -> None:
        """Log the start of a catch-up when its first answer arrives."""
        if not self._is_announced:
            self._is_announced = True
            if self._skipped_until is not None:
                _LOGGER.warning(
                    "Events between %s and %s are skipped: they are older than the"
                    " option Catch up allows",
                    self._feed.complete_at,
                    self._skipped_until,
                )
                self._skipped_until = None
            _LOGGER.info("Catching up on events since %s", self._feed.complete_at)
        self._started()
