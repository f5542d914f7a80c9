"""No alarm is lost or delivered twice, whatever fails in between."""

from datetime import timedelta
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.const import EVENT_ALARM
from tests.integration.alarms.conftest import A_WHOLE_READING, AlarmState
from tests.integration.conftest import Poll
from tests.integration.entries import load
from xprotect_simulator import ManualClock, Simulator
from xprotect_simulator.site.alarm_settings import CLOSED
from xprotect_simulator.site.security import READ

FAULTS = (
    "event_server_down",
    "reset",
    "reset:after",
    "truncated",
    "html",
    "garbage",
    "server_error:503",
    "too_many_requests:20",
    "unauthorized",
    "forbidden:alarms",
    "alarms_missing",
)


def reported(alarms: list[Event[dict[str, Any]]]) -> list[tuple[str, bool]]:
    """Return the alarms on the bus, each with its field `missed`."""
    return [(one.data["name"], one.data["missed"]) for one in alarms]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_an_outage_costs_no_alarm(
    hass: HomeAssistant,
    simulator: Simulator,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    clock: ManualClock,
    fault: str,
) -> None:
    """An alarm older than a minute is missed and changes no entity."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    await clock.advance(1)
    simulator.alarms.raise_alarm("Before")
    await alarm_poll()
    shown = alarm_state("alarm").attributes["alarm_id"]
    simulator.faults.enable(fault)
    simulator.alarms.raise_alarm("Early")
    await alarm_poll()
    assert alarm_state("open_alarms").state == STATE_UNAVAILABLE
    await alarm_poll(400)
    simulator.alarms.raise_alarm("Late")
    simulator.faults.clear()
    for _ in range(2):
        await alarm_poll(20)
    if reported(alarms)[-1][0] != "Late":
        # A server that has refused is not asked for five minutes.
        await alarm_poll(310)
    names = [name for name, _ in reported(alarms)]
    assert names == ["Before", "Early", "Late"]
    assert reported(alarms)[1] == ("Early", True)
    assert alarm_state("open_alarms").state == "3"
    is_late_missed = reported(alarms)[2][1]
    assert (alarm_state("alarm").attributes["alarm_id"] == shown) == is_late_missed


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("fault", ["reset", "server_error:503"])
async def test_one_lost_answer_changes_nothing(
    simulator: Simulator,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    fault: str,
) -> None:
    """The request is repeated at once, or when IIS has started a worker."""
    simulator.faults.enable(f"{fault}:count=1:path=/api/rest/v1/alarms")
    await alarm_poll()
    assert not simulator.faults.enabled
    assert alarm_state("open_alarms").state == "0"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("fault", ["alarms_missing", "forbidden:alarms", "html"])
async def test_a_short_refusal_makes_no_alarm_missed(
    hass: HomeAssistant, simulator: Simulator, alarm_poll: Poll, fault: str
) -> None:
    """A gateway that is being restarted answers like one without alarms."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    await alarm_poll()
    simulator.faults.enable(fault)
    await alarm_poll()
    simulator.alarms.raise_alarm("Fire")
    await alarm_poll(10)
    simulator.faults.clear()
    await alarm_poll(20)
    assert reported(alarms) == [("Fire", False)]


@pytest.mark.usefixtures("loaded")
async def test_a_refusal_that_lasts_costs_the_server_a_request_in_five_minutes(
    simulator: Simulator, alarm_state: AlarmState, alarm_poll: Poll
) -> None:
    """It ends only when an administrator adds a right, and is shown a while later."""
    simulator.faults.enable("forbidden:alarms")
    for _ in range(8):
        # The longest wait after other failures.
        await alarm_poll(65)
    before = len(simulator.requests)
    for _ in range(10):
        await alarm_poll(30)
    asked = [one.path for one in list(simulator.requests)[before:]]
    assert sum(path.endswith("/alarms") for path in asked) <= 2
    assert alarm_state("open_alarms").state == STATE_UNAVAILABLE
    simulator.faults.clear()
    await alarm_poll(310)
    assert alarm_state("open_alarms").state == "0"


async def test_a_restart_continues_at_the_stored_position(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    alarm_poll: Poll,
    clock: ManualClock,
) -> None:
    """Alarms of the meantime are delivered once, even if they are already closed."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    await clock.advance(1)
    known = simulator.alarms.raise_alarm("Known")
    await alarm_poll()
    assert await hass.config_entries.async_unload(loaded.entry_id)
    meanwhile = simulator.alarms.raise_alarm("Meanwhile")
    closed = simulator.alarms.state(11)
    simulator.alarms.update(meanwhile, "ann", state=closed)
    simulator.alarms.update(known, "ann", state=closed)
    await clock.advance(7_200)
    # Stored hours after its own time, because a recorder was offline.
    ticks = simulator.world.now() - 3_600 * 10_000_000
    simulator.alarms.raise_alarm("Stored late", ticks=ticks)
    await load(hass, loaded)
    await alarm_poll()
    assert reported(alarms) == [
        ("Known", False),
        ("Meanwhile", True),
        ("Stored late", True),
    ]
    late = alarms[-1]
    assert late.time_fired_timestamp < alarms[0].time_fired_timestamp
    # If it is reopened days later, it is open but not new.
    await alarm_poll(3_600)
    simulator.alarms.update(known, "ann", state=simulator.alarms.state(1))
    await alarm_poll(A_WHOLE_READING)
    assert len(alarms) == 3


@pytest.mark.usefixtures("loaded")
async def test_a_full_storm_is_delivered_in_order(
    hass: HomeAssistant,
    simulator: Simulator,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    clock: ManualClock,
) -> None:
    """More than a page, in portions that do not block the event loop."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    await clock.advance(1)
    ticks = simulator.world.now()
    for number in range(620):
        simulator.alarms.raise_alarm(f"{number}", ticks=ticks + number * 20_000)
    await alarm_poll()
    assert [name for name, _ in reported(alarms)] == [str(n) for n in range(620)]
    assert alarm_state("open_alarms").state == "620"


@pytest.mark.usefixtures("loaded")
async def test_nothing_is_delivered_after_the_stop(
    hass: HomeAssistant,
    simulator: Simulator,
    alarm_poll: Poll,
) -> None:
    """Later alarms are delivered at the next start."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    hass.bus.async_fire("homeassistant_stop")
    await hass.async_block_till_done(wait_background_tasks=True)
    simulator.alarms.raise_alarm("After the stop")
    await alarm_poll()
    assert not alarms


async def test_the_open_alarms_are_written_within_a_minute(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    alarm_poll: Poll,
    hass_storage: dict[str, dict[str, dict[str, object]]],
) -> None:
    """After a crash the open alarms must not be delivered as new."""
    key = f"xprotect_events.{loaded.entry_id}.alarms"
    raised = simulator.alarms.raise_alarm("Fire")
    await alarm_poll(A_WHOLE_READING)
    assert hass_storage[key]["data"]["open"] == []
    await alarm_poll(61)
    await hass.async_block_till_done()
    assert hass_storage[key]["data"]["open"] == [raised.id]


async def test_an_unreadable_file_is_ignored(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    alarm_poll: Poll,
    clock: ManualClock,
    hass_storage: dict[str, dict[str, object]],
) -> None:
    """Then old alarms are not delivered, only new ones."""
    hass_storage[f"xprotect_events.{entry.entry_id}.alarms"] = {
        "version": 1,
        "minor_version": 1,
        "key": "",
        "data": {"since": "yesterday"},
    }
    simulator.alarms.raise_alarm("Old")
    await clock.advance(timedelta(hours=1).total_seconds())
    alarms = async_capture_events(hass, EVENT_ALARM)
    await load(hass, entry)
    await clock.advance(1)
    simulator.alarms.raise_alarm("New")
    await alarm_poll()
    assert reported(alarms) == [("New", False)]


@pytest.mark.usefixtures("loaded")
async def test_alarms_of_a_right_that_is_given_later_are_missed_ones(
    hass: HomeAssistant, simulator: Simulator, alarm_poll: Poll
) -> None:
    """Their numbers are lower than those of alarms that were seen before."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    await alarm_poll()
    simulator.identity.deny("cameras", READ)
    camera = simulator.world.cameras[0]
    hidden = simulator.alarms.raise_alarm("Hidden", source=camera.path)
    simulator.alarms.raise_alarm("Seen")
    await alarm_poll()
    for _ in range(3):
        await alarm_poll(400)
    simulator.alarms.raise_alarm("Later")
    await alarm_poll(A_WHOLE_READING)
    assert reported(alarms) == [("Seen", False), ("Later", False)]
    simulator.identity.grant("cameras", READ)
    for level in (CLOSED, 1):
        await alarm_poll(A_WHOLE_READING)
        simulator.alarms.update(hidden, "ann", state=simulator.alarms.state(level))
    await alarm_poll(A_WHOLE_READING)
    assert reported(alarms)[2:] == [("Hidden", True)]
