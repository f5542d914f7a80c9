"""Lists alarms in the form of stored events, for the same way of reading."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from ..api import (
    Alarm,
    AlarmPage,
    Alarms,
    AnswerTooLargeError,
    Condition,
    Direction,
    Event,
    EventPage,
    RejectedError,
    ServerClock,
)

# The page size of the vendor's sample. If the server refuses even this one, the size is
# not the reason.
SMALLEST_PAGE = 10
# A server that refused the order gets it again after this time: it may have been
# updated.
ORDER_AGAIN_AFTER = timedelta(hours=1)


class AlarmRow(Event):
    """An alarm with the fields that positions, pages and repeats depend on."""

    alarm: Alarm

    @classmethod
    def of(cls, alarm: Alarm) -> Self:
        """Return the row of an alarm."""
        row = cls(
            alarm.id,
            "",
            alarm.source,
            alarm.time,
            alarm.time_text,
            alarm.local_id,
            None,
            None,
            None,
        )
        row.alarm = alarm
        return row


class AlarmList:
    """Reads pages of alarms.

    It is not documented whether the server accepts an order and a time (protocol §6).
    If it refuses them, pages are requested without, so all alarms are read.
    """

    def __init__(self, alarms: Alarms, clock: ServerClock) -> None:
        self._alarms = alarms
        self._clock = clock
        self._plain_until: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the server refuses order and time."""
        return self._plain_until is not None and self._clock.now() < self._plain_until

    async def list(
        self,
        *,
        time: Sequence[Condition] = (),
        direction: Direction = Direction.ASCENDING,
        page: int = 0,
        size: int,
        include_data: bool = False,
    ) -> EventPage:
        """Read a page; pages count from 0. Raises any `ApiError`.

        `include_data` has no effect, because alarms have no data.
        """
        if not self.is_plain:
            try:
                found = await self._alarms.list(
                    time=time, direction=direction, page=page, size=size
                )
            except RejectedError:
                self._plain_until = self._clock.now() + ORDER_AGAIN_AFTER
            else:
                return _rows(found)
        try:
            return _rows(await self._alarms.list(page=page, size=size))
        except RejectedError as err:
            if size <= SMALLEST_PAGE:
                raise
            # The next pages are smaller.
            raise AnswerTooLargeError(err.text, status=err.status) from err


def _rows(page: AlarmPage) -> EventPage:
    return EventPage(
        events=tuple(AlarmRow.of(alarm) for alarm in page.alarms),
        count=page.count,
        is_last=page.is_last,
    )
