"""Alarms as rows that can be read like stored events."""

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

# A page of this size is what the vendor's sample asks for; a server that refuses it
# means something else.
SMALLEST_PAGE = 10
# A server that knew no order is asked again after this: it may have been updated.
ORDER_AGAIN_AFTER = timedelta(hours=1)


class AlarmRow(Event):
    """An alarm in the form in which positions, pages and repeats are reckoned with."""

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

    Order and time are not known to be taken (protocol §6): where the server refuses
    them it gets neither, and everything is read.
    """

    def __init__(self, alarms: Alarms, clock: ServerClock) -> None:
        self._alarms = alarms
        self._clock = clock
        self._plain_until: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the server takes neither order nor time."""
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
        """Read a page. Raises any `ApiError`."""
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
            # Then smaller pages are asked for.
            raise AnswerTooLargeError(err.text, status=err.status) from err


def _rows(page: AlarmPage) -> EventPage:
    return EventPage(
        events=tuple(AlarmRow.of(alarm) for alarm in page.alarms),
        count=page.count,
        is_last=page.is_last,
    )
