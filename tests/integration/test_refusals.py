"""A user whom the server has refused: one form, and no attempt without the user."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.api import sign_in_attempts
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from tests.integration.flow_forms import form_for, submit
from xprotect_simulator import Simulator

A_DAY = 24 * 3600.0

type Refuse = Callable[[Simulator], None]

REFUSALS: dict[str, tuple[Refuse, str, str]] = {
    "wrong": (
        lambda simulator: simulator.identity.set_password("new"),
        "InvalidCredentials",
        "invalid_auth",
    ),
    "locked": (
        lambda simulator: simulator.identity.lock(),
        "LockedOut",
        "account_locked",
    ),
    "must change": (
        lambda simulator: simulator.identity.require_password_change(),
        "ChangePassword",
        "password_must_change",
    ),
}
EACH_REFUSAL = pytest.mark.parametrize(
    ("refuse", "outcome", "error"), REFUSALS.values(), ids=list(REFUSALS)
)


def work_again(simulator: Simulator) -> None:
    """Undo every refusal, as an administrator does."""
    simulator.identity.set_password("demo")
    simulator.identity.unlock()


def outcomes(simulator: Simulator) -> list[str]:
    """Return the outcomes of all logins."""
    return [attempt.outcome for attempt in simulator.login_attempts]


def reauth_flows(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Return the flows for the entry's password."""
    return [
        flow["flow_id"] for flow in entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    ]


async def reason(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str] | None:
    """Open the waiting form, like a user after its notification."""
    (flow_id,) = reauth_flows(hass, entry)
    result = await hass.config_entries.flow.async_configure(flow_id)
    assert result["step_id"] == "reauth_confirm"
    return result["errors"]


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigEntryState:
    """Set the entry up, perhaps with a stream that goes on, and return its state."""
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry.state


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigEntryState:
    """Restart Home Assistant as far as the entry notices, and return its state."""
    await hass.config_entries.async_unload(entry.entry_id)
    for flow_id in reauth_flows(hass, entry):
        hass.config_entries.flow.async_abort(flow_id)
    hass.set_state(CoreState.not_running)
    state = await set_up(hass, entry)
    hass.set_state(CoreState.running)
    return state


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigEntryState:
    """Reload the entry as from its menu, and return its state."""
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    return entry.state


@EACH_REFUSAL
async def test_the_reason_is_shown_in_the_form_that_asks(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    refuse: Refuse,
    outcome: str,
    error: str,
) -> None:
    """A new password is no help while the account is locked."""
    refuse(simulator)
    assert await set_up(hass, entry) is ConfigEntryState.SETUP_ERROR
    assert outcomes(simulator) == [outcome]
    assert await reason(hass, entry) == {"base": error}
    # Loading it a second time sends nothing, and shows the same.
    assert await reason(hass, entry) == {"base": error}
    assert outcomes(simulator) == [outcome]


@EACH_REFUSAL
async def test_a_restart_does_not_try_again(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    refuse: Refuse,
    outcome: str,
    error: str,
) -> None:
    """Users restart Home Assistant often while something fails."""
    refuse(simulator)
    simulator.identity.revoke_tokens()
    simulator.login_attempts.clear()
    await poll()
    for _ in range(3):
        assert await restart(hass, loaded) is ConfigEntryState.SETUP_ERROR
        await poll(A_DAY)
    assert outcomes(simulator) == [outcome]
    assert await reason(hass, loaded) == {"base": error}


@EACH_REFUSAL
async def test_a_user_that_works_again_is_accepted_in_the_form(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    refuse: Refuse,
    outcome: str,
    error: str,
) -> None:
    """After the form, the following restart signs in, too."""
    refuse(simulator)
    await set_up(hass, entry)
    assert await reason(hass, entry) == {"base": error}
    (flow_id,) = reauth_flows(hass, entry)
    work_again(simulator)
    result = await submit(hass, flow_id, {"username": "demo", "password": "demo"})
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert await restart(hass, entry) is ConfigEntryState.LOADED
    assert outcomes(simulator)[0] == outcome
    assert set(outcomes(simulator)[1:]) == {"success"}


async def test_after_a_changed_connection_the_user_is_tried_again(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """The user may have been replaced by another one."""
    simulator.identity.set_password("new")
    await set_up(hass, entry)
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result["flow_id"], form_for(simulator, password="new"))
    assert result["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert not reauth_flows(hass, entry)
    assert await restart(hass, entry) is ConfigEntryState.LOADED


async def test_a_form_that_is_finished_while_home_assistant_starts_is_used(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Its pages work before automations start."""
    simulator.identity.set_password("new")
    await set_up(hass, entry)
    (flow_id,) = reauth_flows(hass, entry)
    hass.set_state(CoreState.starting)
    await submit(hass, flow_id, {"username": "demo", "password": "new"})
    assert entry.state is ConfigEntryState.LOADED
    hass.set_state(CoreState.running)


async def test_a_reload_tries_once_because_the_user_may_be_unlocked(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """After unlocking in XProtect the password need not be entered here."""
    simulator.identity.lock()
    await set_up(hass, entry)
    assert await restart(hass, entry) is ConfigEntryState.SETUP_ERROR
    simulator.identity.unlock()
    assert await reload(hass, entry) is ConfigEntryState.LOADED
    assert not reauth_flows(hass, entry)
    assert outcomes(simulator) == ["LockedOut", "success"]
    # The refusal is forgotten: the next one has its own reload.
    assert await restart(hass, entry) is ConfigEntryState.LOADED


async def test_any_number_of_reloads_causes_one_attempt(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Some automations reload unavailable entries every minute."""
    simulator.identity.set_password("new")
    await set_up(hass, entry)
    for _ in range(5):
        assert await reload(hass, entry) is ConfigEntryState.SETUP_ERROR
        assert await restart(hass, entry) is ConfigEntryState.SETUP_ERROR
    assert outcomes(simulator) == ["InvalidCredentials", "InvalidCredentials"]
    assert await reason(hass, entry) == {"base": "invalid_auth"}


async def test_a_reload_without_an_answer_does_not_use_up_the_attempt(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An administrator who unlocks the user may also restart the server."""
    monkeypatch.setattr(sign_in_attempts, "PAUSES", (0.0,))
    simulator.identity.lock()
    await set_up(hass, entry)
    await simulator.stop()
    assert await reload(hass, entry) is ConfigEntryState.SETUP_RETRY
    await simulator.start()
    simulator.identity.unlock()
    assert await reload(hass, entry) is ConfigEntryState.LOADED


@pytest.mark.parametrize("entry_options", [{"delivery": "auto"}])
async def test_polls_stream_inventory_and_actions_share_one_refusal(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """Four of them at once would lock the account in the same second."""
    assert await set_up(hass, entry) is ConfigEntryState.LOADED
    await simulator.sockets.until(lambda: simulator.sockets.accepted > 0)
    assert outcomes(simulator) == ["success"]
    simulator.identity.set_password("new")
    simulator.identity.revoke_tokens()
    simulator.login_attempts.clear()
    simulator.sockets.drop_all()
    runtime = entry.runtime_data
    runtime.inventory.read_soon()
    with pytest.raises(HomeAssistantError, match="refuses the username"):
        await hass.services.async_call(
            DOMAIN,
            "trigger_event",
            {
                "config_entry_id": entry.entry_id,
                "event": simulator.world.user_defined_events[-1].id,
            },
            blocking=True,
        )
    for _ in range(3):
        await poll(61)
    await poll(2 * 3600)
    assert outcomes(simulator) == ["InvalidCredentials"]
    assert len(reauth_flows(hass, entry)) == 1
    assert await reason(hass, entry) == {"base": "invalid_auth"}


async def test_a_password_is_not_kept_with_its_refusal(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    entry: MockConfigEntry,
) -> None:
    """The file is part of backups."""
    simulator.identity.set_password("new")
    await set_up(hass, entry)
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}.refusal"]
    assert stored["data"] == {"refusal": "InvalidCredentials", "is_repeated": False}


@pytest.mark.parametrize("stored", [{}, {"refusal": 7}, {"refusal": "Else"}])
async def test_an_unreadable_refusal_still_counts(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    entry: MockConfigEntry,
    stored: dict[str, Any],
) -> None:
    """A needless form is better than a locked account."""
    key = f"{DOMAIN}.{entry.entry_id}.refusal"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": stored}
    assert await restart(hass, entry) is ConfigEntryState.SETUP_ERROR
    assert not simulator.login_attempts
    assert await reason(hass, entry) == {"base": "invalid_auth"}


async def test_removing_an_entry_forgets_its_refusal(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    entry: MockConfigEntry,
) -> None:
    """A site that is set up again starts from the beginning."""
    simulator.identity.set_password("new")
    await set_up(hass, entry)
    assert any(DOMAIN in key for key in hass_storage)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not any(DOMAIN in key for key in hass_storage)


async def test_a_flow_for_a_site_that_was_never_refused_shows_no_reason(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """An error without a cause would be misleading."""
    result = await loaded.start_reauth_flow(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {}
