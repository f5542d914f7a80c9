"""The option *Pictures*: tested before it is stored, with a list of what is missing."""

from typing import Any

from homeassistant.components import image as image_component
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from tests.integration.entries import reload
from tests.integration.pictures.conftest import OptionsForm, check, missing
from xprotect_simulator import Item, Options, Simulator, event_ids
from xprotect_simulator.recorders.listeners import Recorder

pytestmark = pytest.mark.usefixtures("no_names")

GONE = "00000000-0000-4000-8000-000000000001"
SITE_IMAGE = "image.simulated_site_last_event_picture"


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Leave pictures off: the tests turn them on."""
    return {"delivery": "poll"}


@pytest.mark.parametrize("pictures", ["off", "gateway", "recorders"])
async def test_if_nothing_is_missing_the_choice_is_stored(
    form: OptionsForm, loaded: MockConfigEntry, pictures: str
) -> None:
    """Then no second form is shown."""
    result = await form.choose(pictures)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == pictures


@pytest.mark.parametrize(
    "simulator_options", [Options(recorder_port=0, has_still_task=False)], ids=["old"]
)
async def test_a_form_that_is_closed_changes_nothing(
    hass: HomeAssistant,
    form: OptionsForm,
    loaded: MockConfigEntry,
    simulator: Simulator,
    entity_registry: er.EntityRegistry,
) -> None:
    """Sensors of deselected states are only disabled when the options are stored."""
    group = simulator.world.event_types[event_ids.DATABASE_DISK_UNAVAILABLE].state_group
    options = {**loaded.options, "state_groups": [group]}
    hass.config_entries.async_update_entry(loaded, options=options)
    await reload(hass, loaded)
    recorder = simulator.world.items("recordingServers")[0]
    sensor = entity_registry.async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{simulator.world.site.id}_{recorder.id}_{group}"
    )
    assert sensor is not None
    missing(await form.choose("gateway"))
    await hass.async_block_till_done()
    assert loaded.options["state_groups"] == [group]
    assert hass.states.get(sensor) is not None
    await form.fill_in(save_anyway=True)
    assert hass.states.get(sensor) is None


@pytest.mark.parametrize(
    "simulator_options", [Options(recorder_port=0, has_still_task=False)], ids=["old"]
)
async def test_an_older_gateway_has_its_own_text(
    form: OptionsForm, loaded: MockConfigEntry
) -> None:
    """The choice can still be stored: the server may be updated later."""
    assert "recording servers instead" in missing(await form.choose("gateway"))
    again = await form.fill_in()
    assert "recording servers instead" in missing(again)
    result = await form.fill_in(save_anyway=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == "gateway"


@pytest.mark.parametrize(
    "entry_options",
    [{"delivery": "poll", "recorder_addresses": {GONE: "192.0.2.1"}}],
    ids=["a recorder that is gone"],
)
async def test_the_row_of_a_deleted_recorder_can_be_kept(
    form: OptionsForm, loaded: MockConfigEntry, simulator: Simulator
) -> None:
    """An old row must not prevent saving the others."""
    simulator.faults.enable("recorder_no_rights")
    missing(await form.choose("recorders"))
    rows = [{"recorder": GONE, "address": "192.0.2.1"}]
    result = await form.fill_in(recorders=rows, save_anyway=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["recorder_addresses"] == {GONE: "192.0.2.1"}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("forbidden:cameras:path=/api/rest/v1/cameras/*", "View live and Playback"),
        ("still_empty", "There is no picture"),
    ],
)
async def test_problems_of_the_gateway_are_listed(
    form: OptionsForm, simulator: Simulator, fault: str, expected: str
) -> None:
    """Rights can be given, and cameras can be switched on."""
    simulator.faults.enable(fault)
    assert expected in missing(await form.choose("gateway"))


@pytest.mark.parametrize(
    ("fault", "camera", "expected"),
    [
        ("recorder_no_rights:path=", " (Driveway)", "View live and Playback"),
        ("recorder_no_rights:empty:path=", " (Driveway)", "View live or Playback"),
        ("recorder_reset:path=", "", "7563"),
        ("recorder_html:path=", "", "not a picture"),
    ],
)
async def test_each_recorder_is_tested_and_named(
    form: OptionsForm, simulator: Simulator, fault: str, camera: str, expected: str
) -> None:
    """With many recorders, the user needs to know which one, and which camera."""
    simulator.faults.enable(f"{fault}/recorder-02/*")
    text = missing(await form.choose("recorders"))
    assert text.startswith(f"- RECORDER-02{camera}: ")
    assert "RECORDER-01" not in text
    assert expected in text


async def test_a_camera_that_is_off_is_not_a_problem_of_the_recorder(
    form: OptionsForm, simulator: Simulator, camera: Item
) -> None:
    """Another camera may have pictures."""
    simulator.recorders.recordings.keep_only(camera.id)
    result = await form.choose("recorders")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_recorder_is_found_at_an_address_that_is_entered(
    hass: HomeAssistant,
    form: OptionsForm,
    loaded: MockConfigEntry,
    simulator: Simulator,
    recorder: Recorder,
    camera: Item,
    poll: Poll,
) -> None:
    """The name in XProtect often resolves on Windows machines only."""
    simulator.faults.enable("recorder_names:127.0.0.1.invalid")
    await loaded.runtime_data.inventory.async_refresh()
    text = missing(await form.choose("recorders"))
    assert "its name resolves" in text
    rows = [
        {"recorder": one.item.id, "address": f"127.0.0.1:{one.port}"}
        for one in simulator.recorders.all
    ]
    wrong = [{**rows[0], "address": "not an address"}]
    result = await form.fill_in(recorders=wrong)
    assert result["errors"] == {"base": "invalid_recorder_address"}
    result = await form.fill_in(recorders=rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    addresses: dict[str, Any] = loaded.options["recorder_addresses"]
    assert addresses[recorder.item.id] == f"127.0.0.1:{recorder.port}"
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)


async def test_an_entry_that_is_not_loaded_stores_options_without_a_test(
    hass: HomeAssistant, form: OptionsForm, loaded: MockConfigEntry
) -> None:
    """A server that is down must not prevent a change of options."""
    await hass.config_entries.async_unload(loaded.entry_id)
    result = await form.choose("recorders")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == "recorders"
