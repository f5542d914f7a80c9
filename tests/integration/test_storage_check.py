"""The check after the set-up whether XProtect stores the chosen events."""

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.engine import storage_check
from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.storage_check import (
    StorageCheck,
    Verdict,
)
from custom_components.xprotect_events.storage_watch import (
    LOOK_AFTER,
    LOOK_AGAIN_AFTER,
)
from tests.integration.conftest import Poll
from tests.integration.entries import load
from xprotect_simulator import ManualClock, Simulator, event_ids

A_DAY = 24 * 3600.0
NAMES = {"Gate open", "Good night", "Panic", "Parcel arrived"}


def storage(hass: HomeAssistant) -> State:
    """Return the state of the sensor."""
    state = hass.states.get("sensor.simulated_site_event_storage")
    assert state is not None
    return state


async def test_stored_events_of_the_last_week_are_found_and_others_are_not(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    entry: MockConfigEntry,
    poll: Poll,
) -> None:
    """Users learn on the first day which events are never stored."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    simulator.world.emit(simulator.world.named("Gate open").id)
    await clock.advance(A_DAY)
    before = len(simulator.world.ledger.happened)
    await load(hass, entry)
    # The set-up does not wait for it.
    assert storage(hass).state == STATE_UNKNOWN
    await poll(LOOK_AFTER + 1)
    found = storage(hass)
    assert found.state == Verdict.NOT_SEEN
    assert found.attributes["stored"] == ["Gate open", "Motion Started"]
    assert set(found.attributes["not_seen"]) == NAMES - {"Gate open"}
    # It triggers nothing.
    assert len(simulator.world.ledger.happened) == before
    for name in sorted(NAMES):
        simulator.world.emit(simulator.world.named(name).id)
    await poll()
    assert storage(hass).state == Verdict.STORED


async def test_a_type_that_is_pushed_but_not_found_is_reported(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """The retention may be 0; three such events open a repair."""
    gate_open = simulator.world.named("Gate open")
    simulator.world.emit(gate_open.id)
    await poll()
    runtime = loaded.runtime_data
    (stored,) = (await runtime.client.events.list(size=1)).events
    good_night = simulator.world.named("Good night")
    pushed = stored._replace(id="pushed", type_id=good_night.id)
    await poll(LOOK_AFTER + 1)
    runtime.storage.delivered([Arrival(pushed, pushed.time)])
    found = storage(hass)
    assert found.attributes["pushed"] == ["Good night"]
    assert found.attributes["stored"] == ["Gate open"]
    flow = await hass.config_entries.options.async_init(loaded.entry_id)
    # It is also shown in the options.
    shown = flow["description_placeholders"]
    assert shown is not None
    assert shown["stored"] == "Gate open"
    assert shown["pushed"] == "Good night"
    assert "Parcel arrived" in shown["not_seen"]


async def test_a_rare_event_of_a_busy_site_is_requested_separately(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Motion fills the newest pages, and the gate was opened yesterday."""
    monkeypatch.setattr(storage_check, "MAX_SEARCHED_PAGES", 1)
    monkeypatch.setattr(storage_check, "MAX_PAGE_SIZE", 5)
    simulator.world.emit(simulator.world.named("Gate open").id)
    for _ in range(10):
        simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await clock.advance(A_DAY)
    await load(hass, entry)
    await poll(LOOK_AFTER + 1)
    assert storage(hass).attributes["stored"] == ["Gate open", "Motion Started"]


@pytest.mark.usefixtures("loaded")
async def test_a_failed_check_is_repeated(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """The event server may be restarting."""
    simulator.faults.enable("server_error:503:path=*/events")
    await poll(LOOK_AFTER + 1)
    assert storage(hass).state == STATE_UNKNOWN
    simulator.faults.clear()
    # Not before delivery works again.
    await poll(LOOK_AFTER + 1)
    await poll(LOOK_AGAIN_AFTER + 1)
    assert storage(hass).state == Verdict.NOT_SEEN


@pytest.mark.usefixtures("loaded")
async def test_a_server_without_filters_for_sources_gets_no_further_requests(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """Then only the first pages are used."""
    simulator.faults.enable("server_error:400:path=*source.id*")
    simulator.requests.clear()
    await poll(LOOK_AFTER + 1)
    refused = [one.query for one in simulator.requests if one.status == 400]
    assert len(refused) == 1
    assert "source.id" in refused[0]
    assert storage(hass).state == Verdict.NOT_SEEN


@pytest.mark.usefixtures("loaded")
async def test_an_unexpected_error_of_the_check_is_logged_and_it_is_repeated(
    hass: HomeAssistant,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise the sensor would be unknown until the next start."""

    async def fail(*_: object, **__: object) -> None:
        raise ValueError

    with monkeypatch.context() as broken:
        broken.setattr(StorageCheck, "look", fail)
        await poll(LOOK_AFTER + 1)
    errors = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert errors == ["Looking for stored events failed; going on"]
    await poll(LOOK_AGAIN_AFTER + 1)
    assert storage(hass).state == Verdict.NOT_SEEN
