"""Reports events that a server stores but returns to no request."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import logging

from .walk_back import Span

_LOGGER = logging.getLogger(__name__)

# The shortest time between two such log lines: a server may hide events at every poll.
LOG_AGAIN_AFTER = timedelta(hours=1)


class HiddenEvents:
    """Logs the spans of hidden events, and passes their two times to `found`."""

    def __init__(self, found: Callable[[datetime, datetime], None]) -> None:
        self._found = found
        self._logged_until = datetime.min.replace(tzinfo=UTC)

    def report(self, span: Span, shown: Span | None) -> None:
        """Report the part of a span that neither pages nor the session have shown."""
        if shown is not None and shown.until >= span.until:
            span = Span(span.since, min(span.until, shown.since))
        if span.until <= span.since:
            return
        if span.until - self._logged_until > LOG_AGAIN_AFTER:
            self._logged_until = span.until
            _LOGGER.warning(
                "Events between %s and %s cannot be read: the server ignores the"
                " requested time and page",
                span.since,
                span.until,
            )
        self._found(span.since, span.until)
