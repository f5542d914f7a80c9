"""How an entry handles a server that does not answer, or refuses."""

from datetime import timedelta

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.xprotect_events.api import (
    sign_in_attempts,
)
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import A_WHILE, Poll, StateOf
from tests.integration.entries import set_up
from xprotect_simulator import Simulator, event_ids


def reauth_flows(entry: MockConfigEntry, hass: HomeAssistant) -> int:
    """Return the number of forms for the entry's password."""
    return len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})))


@pytest.mark.parametrize(
    "fault",
    ["reset", "gateway_missing", "idp_down", "server_error", "html", "unauthorized"],
)
async def test_a_server_that_is_not_ready_is_tried_again(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a power cut everything starts together, and XProtect is the slowest."""
    monkeypatch.setattr(sign_in_attempts, "PAUSES", (0.0,))
    simulator.faults.enable(fault)
    assert await set_up(hass, entry) is ConfigEntryState.SETUP_RETRY
    simulator.faults.clear()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=A_WHILE))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert reauth_flows(entry, hass) == 0


async def test_a_server_that_is_switched_off_is_tried_again(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """The reason is shown at the entry."""
    await simulator.stop()
    assert await set_up(hass, entry) is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_connect"
    await simulator.start()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=A_WHILE))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED


async def test_a_password_refused_at_the_set_up_is_never_tried_again(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """Every further attempt could lock the account."""
    simulator.identity.set_password("new")
    assert await set_up(hass, entry) is ConfigEntryState.SETUP_ERROR
    assert reauth_flows(entry, hass) == 1
    await poll(24 * 3600)
    assert len(simulator.login_attempts) == 1


async def test_a_password_refused_later_is_never_tried_again(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """Neither polls nor the hourly readings may lock the account overnight."""
    simulator.identity.set_password("new")
    simulator.identity.revoke_tokens()
    simulator.login_attempts.clear()
    await poll()
    assert reauth_flows(loaded, hass) == 1
    await poll(A_WHILE)
    await poll(24 * 3600)
    assert reauth_flows(loaded, hass) == 1
    assert len(simulator.login_attempts) == 1
    assert binary_state(simulator.world.site, "connection") == "off"
    assert binary_state(simulator.world.cameras[0], "motion") == "unavailable"


async def test_a_revoked_token_is_renewed_without_asking_for_the_password(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """Tokens end with every restart of the identity provider."""
    simulator.identity.revoke_tokens()
    await poll()
    assert binary_state(simulator.world.site, "connection") == "on"
    assert reauth_flows(loaded, hass) == 0


async def test_an_entry_is_loaded_although_the_event_server_is_down(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """It is a separate service, and the rest can be shown without it."""
    camera, site = simulator.world.cameras[0], simulator.world.site
    simulator.faults.enable("event_server_down")
    assert await set_up(hass, entry) is ConfigEntryState.LOADED
    assert binary_state(camera, "motion") == "unavailable"
    assert binary_state(site, "connection") == "off"
    assert hass.states.get("sensor.simulated_site_delivery") is not None
    simulator.faults.clear()
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll(A_WHILE)
    assert binary_state(camera, "motion") == "on"
    assert binary_state(site, "connection") == "on"


@pytest.mark.usefixtures("loaded")
async def test_an_outage_causes_two_lines_in_the_log(
    simulator: Simulator, poll: Poll, caplog: pytest.LogCaptureFixture
) -> None:
    """A night without a server must neither fill the disk nor go unnoticed."""
    caplog.clear()
    simulator.faults.enable("event_server_down")
    for _ in range(10):
        await poll(A_WHILE)
    simulator.faults.clear()
    await poll(A_WHILE)
    notable = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(f"custom_components.{DOMAIN}")
        and record.levelname in {"INFO", "WARNING", "ERROR"}
    ]
    lost = [text for text in notable if text.startswith("Error fetching")]
    back = [text for text in notable if text.endswith("data recovered")]
    assert len(lost) == 1
    assert len(back) == 1
    # The catch-up logs its start and its number of events.
    assert len(notable) <= 4


@pytest.mark.parametrize(
    "resources",
    [
        ("eventTypes", "stateGroups"),
        ("userDefinedEvents", "analyticsEvents"),
        ("hardware", "recordingServers", "microphones", "speakers", "inputEvents"),
    ],
)
async def test_unreadable_lists_are_skipped(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
    resources: tuple[str, ...],
) -> None:
    """A careful administrator gives few rights; motion only needs those on cameras."""
    camera = simulator.world.cameras[0]
    simulator.identity.forbid(*resources)
    assert await set_up(hass, entry) is ConfigEntryState.LOADED
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert [
        (event.data["type"], event.data["state_group"], event.data["source_name"])
        for event in seen
    ] == [("Motion Started", "Motion", camera.name)]
    assert binary_state(camera, "motion") == "on"
