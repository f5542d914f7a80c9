"""Reading what was stored during an outage, as far back as the user wants."""

from collections.abc import Callable
from datetime import datetime, timedelta
import logging

from ..api import ServerClock
from .feed import Feed
from .page_poll import PagePoll

_LOGGER = logging.getLogger(__name__)

# A gap longer than this between complete polls is an outage, whose events are read
# in pages; shorter ones are quicker to read from a session. More than the pause
# between two polls while events are pushed.
OUTAGE = timedelta(seconds=90)


class CatchUp:
    """One catch-up after another; each may take several attempts."""

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
        """Whether the last complete poll is so long ago that this is an outage."""
        return self._clock.now() - self._feed.complete_at > OUTAGE

    async def read(self) -> None:
        """Deliver what was missed. Raises any `ApiError`; the next call goes on."""
        since = self._feed.complete_at
        read = await self._pages.read(self._feed.window_start, answered=self._announce)
        self._is_announced = False
        _LOGGER.info("Caught up: %s events since %s", read.found, since)

    def look_back(self) -> bool:
        """Look back as far as the user wants if the position is of the server's future.

        The server's clock was set back, or another one's position was restored: what
        happened meanwhile bears times at which other events were delivered before.
        """
        now = self._clock.now()
        if self._feed.window_start <= now:
            return False
        since = now - self._limit
        _LOGGER.warning(
            "The stored position is of the server's future: events since %s are looked"
            " for again and may come twice",
            since,
        )
        self._feed.look_back(since)
        return True

    def skip(self) -> bool:
        """Give up what is longer ago than the user wants; return whether there is any.

        More with each attempt that fails. Once there was an answer nothing more: a
        long catch-up must not lose its end.
        """
        limit = self._clock.now() - self._limit
        if self._feed.complete_at >= limit - OUTAGE or self._is_announced:
            return False
        self._skipped_until = limit
        self._feed.skip_to(limit)
        return True

    def _announce(self) -> None:
        """Log a catch-up once it makes progress, and once only."""
        if not self._is_announced:
            self._is_announced = True
            if self._skipped_until is not None:
                _LOGGER.warning(
                    "Events between %s and %s are not looked for: they are longer ago"
                    " than the option for catching up allows",
                    self._feed.complete_at,
                    self._skipped_until,
                )
                self._skipped_until = None
            _LOGGER.info("Catching up on events since %s", self._feed.complete_at)
        self._started()
