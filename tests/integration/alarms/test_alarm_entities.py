"""Open alarms are counted, and each new one is delivered once."""

from dataclasses import replace

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.const import DOMAIN, EVENT_ALARM, EVENT_LIVE
from tests.integration.alarms.conftest import A_WHOLE_READING, AlarmState
from tests.integration.conftest import DeviceOf, Poll
from tests.integration.entries import load, reload
from xprotect_simulator import ManualClock, Simulator
from xprotect_simulator.site.alarm_settings import CLOSED, HIGH, IN_PROGRESS, LOW

HIGH_KEY, LOW_KEY = f"open_alarms_{HIGH}", f"open_alarms_{LOW}"


def friendly_name(hass: HomeAssistant, registry: er.EntityRegistry, key: str) -> str:
    """Return the friendly name of the entity whose unique id ends so."""
    (entry,) = [e for e in registry.entities.values() if e.unique_id.endswith(key)]
    state = hass.states.get(entry.entity_id)
    assert state is not None
    return str(state.attributes["friendly_name"])


async def test_open_alarms_are_counted_by_priority_with_the_servers_names(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    clock: ManualClock,
) -> None:
    """Those that are open at the start are counted, but not delivered as new."""
    simulator.alarms.priorities[0] = replace(
        simulator.alarms.priorities[0], name="Dringend"
    )
    camera = simulator.world.cameras[0]
    old = simulator.alarms.raise_alarm("Old", source=camera.path)
    await clock.advance(5)
    alarms = async_capture_events(hass, EVENT_ALARM)
    await load(hass, entry)
    assert not alarms
    total = alarm_state("open_alarms")
    assert (total.state, alarm_state(HIGH_KEY).state) == ("1", "1")
    assert total.attributes["unit_of_measurement"] == "alarms"
    assert total.attributes["states"] == {"New": 1}
    assert total.attributes["complete"] is True
    assert total.attributes["alarms"] == [
        {
            "alarm_id": old.id,
            "name": "Old",
            "priority": "Dringend",
            "state": "New",
            "state_level": 1,
            "source_name": camera.name,
            "assigned_to": None,
            "time": "2026-03-02T06:00:00.5000000Z",
        }
    ]
    assert alarm_state(LOW_KEY).state == "0"
    assert alarm_state(LOW_KEY).attributes["level"] == 3
    assert friendly_name(hass, entity_registry, HIGH).endswith("Open alarms: Dringend")
    # It is acknowledged and made less urgent, and another one is raised.
    simulator.alarms.update(
        old,
        "ann",
        state=simulator.alarms.state(IN_PROGRESS),
        priority=simulator.alarms.priorities[-1],
    )
    simulator.alarms.raise_alarm("New")
    await alarm_poll()
    assert [one.data["name"] for one in alarms] == ["New"]
    await alarm_poll(A_WHOLE_READING)
    assert (alarm_state(HIGH_KEY).state, alarm_state(LOW_KEY).state) == ("1", "1")
    assert alarm_state("open_alarms").attributes["states"] == {
        "New": 1,
        "In progress": 1,
    }
    # It is closed, reopened, and finally deleted by retention.
    for level, shown in ((CLOSED, "1"), (1, "2")):
        simulator.alarms.update(old, "ann", state=simulator.alarms.state(level))
        await alarm_poll(A_WHOLE_READING)
        assert alarm_state("open_alarms").state == shown
    simulator.alarms.forget(old)
    await alarm_poll(A_WHOLE_READING)
    assert alarm_state("open_alarms").state == "1"
    assert len(alarms) == 1


async def test_a_new_alarm_is_shown_on_the_bus_and_at_its_entity(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_of: DeviceOf,
    alarm_state: AlarmState,
    alarm_poll: Poll,
) -> None:
    """With all its fields, and with its camera."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    events = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[1]
    raised = simulator.alarms.raise_alarm("Fire", message="Smoke", source=camera.path)
    assert alarm_state("alarm").state == STATE_UNKNOWN
    await alarm_poll()
    (alarm,) = alarms
    assert alarm.data == {
        "entry_id": loaded.entry_id,
        "device_id": device_of(camera).id,
        "alarm_id": raised.id,
        "local_id": raised.local_id,
        "name": "Fire",
        "message": "Smoke",
        "priority": "High",
        "priority_id": HIGH,
        "priority_level": 1,
        "state": "New",
        "state_id": raised.state.id,
        "state_level": 1,
        "category": None,
        "assigned_to": None,
        "source": camera.path,
        "source_type": "cameras",
        "source_name": camera.name,
        "time": "2026-03-02T06:00:00.5000000Z",
        "missed": False,
    }
    state = alarm_state("alarm")
    assert state.attributes["event_type"] == "new_alarm"
    assert state.attributes["alarm_id"] == raised.id
    assert state.context.id == alarm.context.id
    # The event that raised the alarm is delivered as usual.
    simulator.world.emit(simulator.world.named("Panic").id)
    await alarm_poll()
    assert [one.data["name"] for one in alarms] == ["Fire", "Panic button pressed"]
    assert [one.data["type"] for one in events] == ["Panic"]
    assert alarms[-1].data["source_name"] == "Panic"


@pytest.mark.parametrize("fault", ["alarms_bare", "alarms_plain"])
async def test_other_interpretations_of_the_protocol_change_nothing(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    clock: ManualClock,
    device_of: DeviceOf,
    fault: str,
) -> None:
    """The form of real rows and the accepted parameters are uncertain."""
    simulator.faults.enable(fault)
    alarms = async_capture_events(hass, EVENT_ALARM)
    await load(hass, entry)
    camera = simulator.world.cameras[0]
    await clock.advance(2)
    simulator.alarms.raise_alarm("Fire", source=camera.path)
    await alarm_poll(A_WHOLE_READING)
    (alarm,) = alarms
    assert (alarm.data["source"], alarm.data["source_name"]) == (
        camera.path,
        camera.name,
    )
    assert alarm.data["device_id"] == device_of(camera).id
    assert (alarm.data["state"], alarm.data["priority"]) == ("New", "High")
    assert alarm_state(HIGH_KEY).state == "1"


@pytest.mark.usefixtures("loaded")
async def test_priorities_come_go_and_are_renamed(
    hass: HomeAssistant,
    simulator: Simulator,
    entity_registry: er.EntityRegistry,
    alarm_state: AlarmState,
    alarm_poll: Poll,
) -> None:
    """An administrator may change them; the ids of entities stay the same."""
    first, _, low = simulator.alarms.priorities
    entity_id = alarm_state(HIGH_KEY).entity_id
    own = replace(low, id="0c3a5b7d-5555-4a2b-8c3d-4e5f60718293", name="Own", level=7)
    simulator.alarms.priorities[:] = [replace(first, name="Urgent"), own]
    simulator.alarms.raise_alarm("Fire", priority=own)
    await alarm_poll(3_700)
    await alarm_poll(A_WHOLE_READING)
    assert alarm_state(f"open_alarms_{own.id}").state == "1"
    assert alarm_state(HIGH_KEY).entity_id == entity_id
    assert friendly_name(hass, entity_registry, HIGH).endswith("Open alarms: Urgent")
    assert not [e for e in entity_registry.entities.values() if LOW in e.unique_id]


@pytest.mark.usefixtures("loaded")
async def test_a_priority_is_renamed_while_its_sensor_is_disabled(
    hass: HomeAssistant,
    simulator: Simulator,
    entity_registry: er.EntityRegistry,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It has the new name when it is enabled."""
    entity_id = alarm_state(HIGH_KEY).entity_id
    entity_registry.async_update_entity(
        entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.async_block_till_done()
    for name in ("Urgent", "Very urgent"):
        first = simulator.alarms.priorities[0]
        simulator.alarms.priorities[0] = replace(first, name=name)
        await alarm_poll(3_700)
        await alarm_poll(A_WHOLE_READING)
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
    renamed = entity_registry.async_get(entity_id)
    assert renamed is not None
    assert renamed.original_name == "Open alarms: Very urgent"


async def test_alarms_are_off_at_first_and_leave_nothing_when_switched_off(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    alarm_poll: Poll,
) -> None:
    """When the option is switched on again, alarms of the meantime are not new."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    hass.config_entries.async_update_entry(loaded, options={"delivery": "poll"})
    await reload(hass, loaded)
    found = [e.unique_id for e in entity_registry.entities.values()]
    assert not [one for one in found if "alarm" in one]
    simulator.requests.clear()
    simulator.alarms.raise_alarm("Meanwhile")
    await alarm_poll()
    assert not [one for one in simulator.requests if "alarm" in one.path.lower()]
    hass.config_entries.async_update_entry(
        loaded, options={"delivery": "poll", "alarms": True}
    )
    await reload(hass, loaded)
    await alarm_poll()
    assert not alarms


async def test_a_removed_entry_leaves_no_alarms_on_disk(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_storage: dict[str, object]
) -> None:
    """Neither the position nor the ids."""
    await hass.async_block_till_done()
    assert [key for key in hass_storage if "alarm" in key]
    assert await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert not [key for key in hass_storage if key.startswith(DOMAIN)]


async def test_an_unreadable_alarm_does_not_affect_others(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    alarm_poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The alarms after it are delivered, too."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    real = loaded.runtime_data.devices.device_id
    answers = iter([KeyError("unforeseen")])

    def device_id(source: object) -> str:
        error = next(answers, None)
        if error is not None:
            raise error
        found: str = real(source)
        return found

    monkeypatch.setattr(loaded.runtime_data.devices, "device_id", device_id)
    simulator.alarms.raise_alarm("First")
    simulator.alarms.raise_alarm("Second")
    await alarm_poll()
    assert [one.data["name"] for one in alarms] == ["Second"]
    assert "unforeseen" in caplog.text
    caplog.clear()


@pytest.mark.usefixtures("loaded")
async def test_alarms_of_an_outage_are_missed_and_not_shown(
    hass: HomeAssistant,
    simulator: Simulator,
    alarm_state: AlarmState,
    alarm_poll: Poll,
) -> None:
    """Entities are unavailable meanwhile, and show a new alarm afterwards."""
    simulator.faults.enable("event_server_down")
    await alarm_poll()
    for key in ("open_alarms", HIGH_KEY, "alarm"):
        assert alarm_state(key).state == STATE_UNAVAILABLE
    simulator.faults.clear()
    changes = async_capture_events(hass, "state_changed")
    simulator.alarms.raise_alarm("Fire")
    await alarm_poll(70)
    states = [
        one.data["new_state"]
        for one in changes
        if one.data["entity_id"] == alarm_state("alarm").entity_id
    ]
    assert len(states) >= 1
    assert alarm_state("open_alarms").state == "1"


@pytest.mark.parametrize(
    "trouble",
    [
        "forbidden:alarmpriorities",
        "empty_lists:alarmpriorities",
    ],
)
async def test_priorities_that_cannot_be_read_cost_no_sensor(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    trouble: str,
) -> None:
    """An automation would find no entity."""
    entity_id = alarm_state(HIGH_KEY).entity_id
    entity_registry.async_update_entity(entity_id, name="Urgent")
    await hass.config_entries.async_unload(loaded.entry_id)
    simulator.faults.enable(trouble)
    raised = simulator.alarms.raise_alarm("Fire")
    await load(hass, loaded)
    simulator.alarms.update(raised, "ann", state=simulator.alarms.state(CLOSED))
    await alarm_poll(A_WHOLE_READING)
    assert alarm_state(HIGH_KEY).state == "0"
    kept = entity_registry.async_get(alarm_state(LOW_KEY).entity_id)
    assert kept is not None
    simulator.faults.clear()
    await alarm_poll(3_700)
    await alarm_poll(A_WHOLE_READING)
    renamed = entity_registry.async_get(entity_id)
    assert renamed is not None
    assert (renamed.name, alarm_state(HIGH_KEY).entity_id) == ("Urgent", entity_id)
    assert alarm_state(LOW_KEY).state == "0"
