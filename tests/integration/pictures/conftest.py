"""A site with recorders, and an entry whose pictures are on."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from homeassistant.config_entries import (
    RELOAD_AFTER_UPDATE_DELAY,
    ConfigFlowResult,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.const import DOMAIN
from tests.integration import name_server
from tests.integration.conftest import Poll
from tests.integration.name_server import Names
from xprotect_simulator import Item, Options, Simulator, StoredEvent, event_ids
from xprotect_simulator.recorders.listeners import Recorder
from xprotect_simulator.recorders.picture import read_stamp
from xprotect_simulator.times import to_datetime

names = name_server.names

type Enable = Callable[[Platform, Item, str], Awaitable[str]]


@pytest.fixture
def simulator_options() -> Options:
    """Return a site with two recorders; a test that needs others parametrises them."""
    return Options(cameras=4, recorders=2, recorder_port=0)


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn pictures on."""
    return {"delivery": "poll", "pictures": "recorders"}


@pytest.fixture
def camera(simulator: Simulator) -> Item:
    """Return the first camera."""
    return simulator.world.cameras[0]


@pytest.fixture
def recorder(simulator: Simulator, camera: Item) -> Recorder:
    """Return the recorder of the first camera."""
    return simulator.recorders.of_camera(camera)


@pytest.fixture
async def http_client(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> ClientSessionGenerator:
    """Return a function that creates HTTP clients of Home Assistant."""
    assert await async_setup_component(hass, "http", {})
    return hass_client


class Happen:
    """Creates events that Home Assistant receives, and whose pictures are written."""

    def __init__(
        self, simulator: Simulator, entry: MockConfigEntry, poll: Poll
    ) -> None:
        self._entry = entry
        self.simulator = simulator
        self._poll = poll

    async def __call__(
        self, source: Item | None, type_id: str = event_ids.MOTION_STARTED
    ) -> StoredEvent:
        """Return the event once it has arrived."""
        event = self.simulator.world.emit(type_id, source)
        await self._poll()
        return event

    def path_of(self, event: StoredEvent) -> str:
        """Return the address of an event's picture."""
        return f"/api/{DOMAIN}/picture/{self._entry.entry_id}/{event.id}"


@pytest.fixture
def happen(simulator: Simulator, loaded: MockConfigEntry, poll: Poll) -> Happen:
    """Return an object that creates events."""
    return Happen(simulator, loaded, poll)


@pytest.fixture
def enable(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    simulator: Simulator,
    loaded: MockConfigEntry,
) -> Enable:
    """Return a function that enables an entity of a camera."""

    async def find(platform: Platform, camera: Item, key: str) -> str:
        unique_id = f"{simulator.world.site.id}_{camera.id}_{key}"
        entity_id = entity_registry.async_get_entity_id(platform, DOMAIN, unique_id)
        assert entity_id is not None
        entity_registry.async_update_entity(entity_id, disabled_by=None)
        await hass.async_block_till_done()
        # Home Assistant itself reloads the entry some seconds later.
        later = dt_util.utcnow() + timedelta(seconds=RELOAD_AFTER_UPDATE_DELAY + 1)
        async_fire_time_changed(hass, later)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert loaded.runtime_data
        return entity_id

    return find


class OptionsForm:
    """Fills in the two forms."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._id = ""

    async def choose(self, pictures: str) -> ConfigFlowResult:
        """Choose pictures in the first form; the rest stays unchanged."""
        flow = self._hass.config_entries.options
        shown = await flow.async_init(self._entry.entry_id)
        self._id = shown["flow_id"]
        schema = shown["data_schema"]
        assert schema is not None
        given = schema({"delivery": "poll", "pictures": pictures})
        return await self._settled(await flow.async_configure(self._id, given))

    async def fill_in(self, **given: object) -> ConfigFlowResult:
        """Send the second form."""
        flow = self._hass.config_entries.options
        sent = {"save_anyway": False, **given}
        return await self._settled(await flow.async_configure(self._id, sent))

    async def press(self, button: str) -> ConfigFlowResult:
        """Choose from a menu."""
        flow = self._hass.config_entries.options
        sent = {"next_step_id": button}
        return await self._settled(await flow.async_configure(self._id, sent))

    async def reload(self) -> ConfigFlowResult:
        """Load the page again."""
        return await self._hass.config_entries.options.async_configure(self._id)

    async def _settled(self, result: ConfigFlowResult) -> ConfigFlowResult:
        await self._hass.async_block_till_done(wait_background_tasks=True)
        return result


@pytest.fixture
def form(hass: HomeAssistant, loaded: MockConfigEntry) -> OptionsForm:
    """Return an object that fills in the forms."""
    return OptionsForm(hass, loaded)


def missing(result: ConfigFlowResult) -> str:
    """Return what a form lists as missing."""
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "pictures"
    assert result["errors"] == {"base": "pictures_missing"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    return placeholders["missing"]


def check(jpeg: bytes, event: StoredEvent, camera: Item, seconds: float = 0.2) -> None:
    """Check that a picture shows the moment of an event."""
    stamp = read_stamp(jpeg)
    assert stamp.camera_id == camera.id
    gap = to_datetime(stamp.ticks) - event.time
    assert abs(gap.total_seconds()) <= seconds


@pytest.fixture
def no_names(names: Names) -> None:
    """Make names unresolvable, as those of Windows machines often are."""
    names.is_gone = True
