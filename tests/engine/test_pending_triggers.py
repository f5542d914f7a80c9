"""Events of our own actions wait for the reply, for a limited time."""

import asyncio
from unittest.mock import patch

import pytest

from custom_components.xprotect_events.engine import pending_triggers
from custom_components.xprotect_events.engine.pending_triggers import PendingTriggers

GATE = "8b2c0d4e-3f50-4b6c-9d7e-0f1a2b3c4d0d"
MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"


async def test_an_event_waits_for_the_reply_to_its_trigger() -> None:
    """Otherwise the logbook would not show its cause."""
    echo = PendingTriggers()
    with echo.sending(GATE):
        waiting = asyncio.create_task(echo.settle([GATE]))
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
    assert echo.is_idle


async def test_an_event_waits_for_every_action_of_its_type() -> None:
    """Two automations may open the same gate at once."""
    echo = PendingTriggers()
    with echo.sending(GATE):
        with echo.sending(GATE):
            waiting = asyncio.create_task(echo.settle([GATE]))
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        assert echo.concerns(GATE)
    await waiting


async def test_an_event_of_another_type_does_not_wait() -> None:
    """Motion must not be delayed because a gate is being opened."""
    echo = PendingTriggers()
    with echo.sending(GATE):
        assert not echo.concerns(MOTION)
        await echo.settle([MOTION])
        assert not echo.is_idle


async def test_a_missing_reply_delays_nothing_for_long() -> None:
    """An action may wait a minute for a server that does not answer."""
    echo = PendingTriggers()
    with echo.sending(GATE), patch.object(pending_triggers, "PATIENCE", 0.01):
        await echo.settle([GATE])
        assert echo.concerns(GATE)


async def test_an_action_that_fails_is_not_waited_for() -> None:
    """A refused trigger causes no event."""
    echo = PendingTriggers()
    with pytest.raises(OSError, match="gone"), echo.sending(GATE):
        raise OSError("gone")
    assert echo.is_idle
