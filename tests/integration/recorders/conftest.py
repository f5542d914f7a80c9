"""A site with a recorder and its storage."""

from collections.abc import Callable
from datetime import timedelta

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.xprotect_events.const import DOMAIN
from xprotect_simulator import Item, Options, Simulator

# The inventory and the storages are read every hour.
AN_HOUR = 3700.0

type EntityOf = Callable[[Platform, Item, str], str]


@pytest.fixture
def simulator_options() -> Options:
    """Return a site whose tokens last for hours, which pass here within seconds."""
    return Options(cameras=10, token_life=timedelta(days=30))


@pytest.fixture
def recorder(simulator: Simulator) -> Item:
    """Return the recorder of the site."""
    return simulator.world.items("recordingServers")[0]


@pytest.fixture
def storage(simulator: Simulator) -> Item:
    """Return the storage of the recorder."""
    return simulator.world.items("storages")[0]


@pytest.fixture
def entity_of(entity_registry: er.EntityRegistry, simulator: Simulator) -> EntityOf:
    """Return a function that finds the entity of a recorder, enabled or not."""

    def find(platform: Platform, item: Item, key: str) -> str:
        own = "" if item.kind == "sites" else f"_{item.id}"
        unique_id = f"{simulator.world.site.id}{own}_{key}"
        found = entity_registry.async_get_entity_id(platform, DOMAIN, unique_id)
        assert found is not None, f"no {key}"
        return found

    return find


def shown(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that is enabled."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state
