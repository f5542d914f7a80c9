"""No failure between XProtect and Home Assistant loses an event."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.helpers.event import async_track_state_change_event
import pytest

from custom_components.xprotect_events.event import MAX_HELD_EVENTS
from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import (
    NUISANCES,
    OUTAGES,
    Trouble,
    fault_of_lists,
)

# Seconds; the longest wait between two attempts, and the longest attempt.
BACK_AFTER = 125
# Of ten minutes: waits double to 15 s and are three quarters of that on average, which
# makes 57 polls; once a minute a refused token is replaced and the request repeated,
# which makes 80. The rest is for jitter; a second request at each poll would make 114.
MOST_REQUESTS = 95
MOST_LOGINS = 25

# All lists but that of sites.
LISTS = (
    "recordingServers,hardware,cameras,microphones,speakers,metadata,inputEvents,"
    "outputs,userDefinedEvents,analyticsEvents,eventTypes,eventTypeGroups,stateGroups,"
    "cameraGroups,inputEventGroups,outputGroups"
)


@pytest.mark.parametrize("trouble", OUTAGES.values(), ids=list(OUTAGES))
async def test_an_outage_is_shown_and_ends_without_a_loss(
    scene: Scene, trouble: Trouble
) -> None:
    """At night there is no user to reload the integration."""
    runtime = scene.entry.runtime_data
    async with trouble(scene):
        requests, logins = len(scene.simulator.requests), scene.logins
        await scene.busy_time(600)
        assert (scene.delivery, scene.motion) == ("down", "unavailable")
        assert len(scene.simulator.requests) - requests < MOST_REQUESTS
        assert scene.logins - logins < MOST_LOGINS
    await scene.busy_time(BACK_AFTER)
    assert (scene.delivery, scene.motion) == ("poll", scene.expected_motion)
    scene.assert_everything_arrived_once()
    assert len(scene.lines("Error", "events data")) == 1
    assert len(scene.lines("events data recovered")) == 1
    assert len(scene.lines("Catching up")) == 1
    assert len(scene.lines("Caught up")) == 1
    assert scene.entry.state is ConfigEntryState.LOADED
    assert scene.entry.runtime_data is runtime


@pytest.mark.parametrize("trouble", NUISANCES.values(), ids=list(NUISANCES))
async def test_a_minor_fault_loses_no_event_and_changes_no_entity(
    scene: Scene, trouble: Trouble
) -> None:
    """An entity that flickers triggers automations for nothing."""
    seen = scene.watch(scene.delivery_id)
    async with trouble(scene):
        scene.note_what_the_server_added()
        await scene.busy_time(300)
    await scene.busy_time(30)
    scene.assert_everything_arrived_once()
    assert scene.motion == scene.expected_motion
    assert seen == []
    assert scene.lines() == []
    assert not scene.bus.missed


async def test_events_of_what_is_not_listed_any_more_arrive(scene: Scene) -> None:
    """A role without rights gets empty lists; its devices stay, but unavailable."""
    seen = scene.watch(scene.delivery_id)
    async with fault_of_lists(f"empty_lists:{LISTS}")(scene):
        scene.note_what_the_server_added()
        await scene.busy_time(300)
        assert scene.motion == "unavailable"
    scene.simulator.world.rename(
        scene.simulator.world.named("Gate opened").path, "Gate"
    )
    scene.note_what_the_server_added()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
    assert scene.motion == scene.expected_motion
    assert seen == []
    assert scene.lines() == []
    assert not scene.bus.missed


async def test_a_user_who_may_not_even_see_the_site_loses_no_event(
    scene: Scene,
) -> None:
    """Its list is empty as well; a line in the log says so, and all stays as it was."""
    seen = scene.watch(scene.delivery_id)
    async with fault_of_lists("empty_lists")(scene):
        scene.note_what_the_server_added()
        await scene.busy_time(300)
    await scene.busy_time(30)
    scene.assert_everything_arrived_once()
    assert scene.motion == scene.expected_motion
    assert seen == []
    assert len(scene.lines("inventory data", "lacks a right")) == 1
    assert not scene.bus.missed


async def test_of_many_events_of_a_short_outage_the_newest_reach_the_event_entity(
    scene: Scene,
) -> None:
    """It is unavailable while they are read, and keeps only as many as needed."""
    entity_id = scene.entity_id(Platform.EVENT, scene.camera, "event")
    before = scene.emitted[-1].id
    scene.simulator.faults.enable("event_server_down")
    await scene.time.passes(20)
    assert scene.state(Platform.EVENT, scene.camera, "event") == "unavailable"
    scene.emit(MAX_HELD_EVENTS + 20)
    shown: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and "event_id" in new.attributes:
            shown.append(new.attributes["event_id"])

    async_track_state_change_event(scene.hass, entity_id, note)
    scene.simulator.faults.clear()
    await scene.time.passes(30)
    # The last one is shown again first, as after every outage.
    assert shown == [
        before,
        *(event.id for event in scene.emitted[-MAX_HELD_EVENTS:]),
    ]
    scene.assert_everything_arrived_once()
