"""A site with the option Alarms, and helpers for its tests."""

from collections.abc import Callable
from typing import Any, Protocol

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from xprotect_simulator import Simulator

# Seconds; longer than the poll interval of alarms, including the coordinator's delay.
AN_ALARM_POLL = 12.0
# Seconds; longer than the interval at which all alarms are read.
A_WHOLE_READING = 35.0

type AlarmState = Callable[[str], State]


class Handle(Protocol):
    """Calls an action for alarms like a script."""

    async def __call__(self, action: str, **data: object) -> dict[str, Any]:
        """Return the response."""


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Switch alarms on."""
    return {"delivery": "poll", "alarms": True}


@pytest.fixture
def alarm_state(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, simulator: Simulator
) -> AlarmState:
    """Return a function that reads an entity of alarms by the end of its unique id."""

    def read(key: str) -> State:
        platform = Platform.EVENT if key == "alarm" else Platform.SENSOR
        entity_id = entity_registry.async_get_entity_id(
            platform, DOMAIN, f"{simulator.world.site.id}_{key}"
        )
        assert entity_id is not None, key
        state = hass.states.get(entity_id)
        assert state is not None
        return state

    return read


@pytest.fixture
def handle(hass: HomeAssistant, loaded: MockConfigEntry) -> Handle:
    """Return a function that calls an action for the loaded entry."""

    async def call(action: str, **data: object) -> dict[str, Any]:
        response = await hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": loaded.entry_id, **data},
            blocking=True,
            return_response=True,
        )
        assert response is not None
        return dict(response)

    return call


@pytest.fixture
def alarm_poll(poll: Poll) -> Poll:
    """Return a function that polls the alarms."""

    async def let_it_poll(seconds: float = AN_ALARM_POLL) -> None:
        await poll(seconds)

    return let_it_poll
