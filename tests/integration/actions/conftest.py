"""The actions, called like from a script."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import A_MORNING
from xprotect_simulator import Simulator, StoredEvent, event_ids


class Trigger:
    """Calls the action like a script."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    async def __call__(
        self, *, context: Context | None = None, **data: object
    ) -> list[dict[str, Any]]:
        """Return the events of the response."""
        response = await self._hass.services.async_call(
            DOMAIN,
            "trigger_event",
            {"config_entry_id": self._entry.entry_id, **data},
            blocking=True,
            return_response=True,
            context=context,
        )
        assert response is not None
        assert list(response) == ["events"]
        events = response["events"]
        assert isinstance(events, list)
        return [dict(event) for event in events if isinstance(event, dict)]

    async def without_response(self, **data: object) -> None:
        """Call it like an automation that does not use the response."""
        await self._hass.services.async_call(
            DOMAIN,
            "trigger_event",
            {"config_entry_id": self._entry.entry_id, **data},
            blocking=True,
        )


@pytest.fixture
def trigger(hass: HomeAssistant, loaded: MockConfigEntry) -> Trigger:
    """Return a function that calls the action for the loaded entry."""
    return Trigger(hass, loaded)


def sent(simulator: Simulator) -> list[str]:
    """Return the paths of the requests that trigger events."""
    return [
        request.path
        for request in simulator.requests
        if request.method == "POST"
        and request.path.startswith("/api/rest/v1/events")
        and not request.path.startswith("/api/rest/v1/eventSessions")
    ]


def last(simulator: Simulator) -> StoredEvent:
    """Return the last event of the server."""
    return simulator.world.ledger.happened[-1]


class Reader:
    """Calls the actions like a script."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    async def call(
        self,
        action: str,
        data: Mapping[str, object] | None = None,
        *,
        user: User | None = None,
    ) -> dict[str, Any]:
        """Return the response."""
        response = await self._hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": self._entry.entry_id, **(data or {})},
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id) if user else None,
        )
        assert response is not None
        return dict(response)

    async def events(self, **data: object) -> list[dict[str, Any]]:
        """Return the events of a response that contains nothing else."""
        response = await self.call("get_events", data)
        assert list(response) == ["events"]
        events: list[dict[str, Any]] = response["events"]
        return events

    async def ids(self, **data: object) -> list[str]:
        """Return the ids of the events."""
        return [event["event_id"] for event in await self.events(**data)]


@pytest.fixture
def read(hass: HomeAssistant, loaded: MockConfigEntry) -> Reader:
    """Return an object that reads events of the loaded entry."""
    return Reader(hass, loaded)


def motion(simulator: Simulator, seconds: float, camera: int = 0) -> StoredEvent:
    """Create motion at a camera, so long after the start."""
    return simulator.world.emit(
        event_ids.MOTION_STARTED,
        simulator.world.cameras[camera],
        time=A_MORNING + timedelta(seconds=seconds),
    )
