"""Entering a new password after a refusal."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.flow_forms import submit, suggestions
from tests.integration.flow_troubles import TROUBLES, Trouble
from xprotect_simulator import ManualClock, Options, Simulator

KNOWN_USER = {"username": "demo", "password": "demo"}


async def begin_reauth(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Open the form for a new password, and return the flow's id."""
    result = await entry.start_reauth_flow(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "reauth_confirm"
    assert result["errors"] == {}
    assert result["description_placeholders"] == {"name": entry.title}
    schema = result["data_schema"]
    assert schema is not None
    assert dict(suggestions(schema.schema)) == {"username": "demo"}
    return result["flow_id"]


async def test_a_new_password_loads_the_entry_again(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Passwords are changed regularly, and nobody changes the entry then."""
    simulator.identity.set_password("new")
    simulator.identity.revoke_tokens()
    flow_id = await begin_reauth(hass, loaded)
    result = await submit(hass, flow_id, {"username": "demo ", "password": "new"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert loaded.data["username"] == "demo"
    assert loaded.data["password"] == "new"
    assert loaded.data["url"] == simulator.url
    assert loaded.state is ConfigEntryState.LOADED


async def test_a_password_that_is_wrong_again_causes_one_attempt(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Every attempt could lock the account."""
    simulator.identity.set_password("new")
    flow_id = await begin_reauth(hass, entry)
    result = await submit(hass, flow_id, {"username": "demo", "password": "old"})
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "invalid_auth"}
    assert len(simulator.login_attempts) == 1
    assert entry.data["password"] == "demo"
    result = await submit(hass, flow_id, {"username": "demo", "password": "new"})
    assert result["reason"] == "reauth_successful"
    assert [attempt.outcome for attempt in simulator.login_attempts] == [
        "InvalidCredentials",
        "success",
        # The entry that is then set up signs in itself.
        "success",
    ]


@pytest.mark.parametrize(("trouble", "error"), TROUBLES.values(), ids=list(TROUBLES))
async def test_each_problem_is_shown_and_solved_in_the_same_form(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    trouble: Trouble,
    error: str,
) -> None:
    """The server may be down while the form is open."""
    flow_id = await begin_reauth(hass, entry)
    async with trouble(simulator):
        result = await submit(hass, flow_id, KNOWN_USER)
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] == {"base": error}
    result = await submit(hass, flow_id, KNOWN_USER)
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"url": "http://["}, "invalid_url"),
        ({"ca_certificate": "my certificate"}, "invalid_certificate"),
        ({"authentication": "windows"}, "invalid_auth"),
    ],
)
async def test_an_error_of_a_field_that_this_form_lacks_is_still_shown(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    data: dict[str, Any],
    error: str,
) -> None:
    """An error at a missing field would not be shown."""
    right = dict(entry.data)
    hass.config_entries.async_update_entry(entry, data={**right, **data})
    flow_id = await begin_reauth(hass, entry)
    result = await submit(hass, flow_id, KNOWN_USER)
    assert result["errors"] == {"base": error}
    assert not simulator.login_attempts
    hass.config_entries.async_update_entry(entry, data=right)
    result = await submit(hass, flow_id, KNOWN_USER)
    assert result["reason"] == "reauth_successful"


async def test_another_user_of_the_same_site_is_accepted(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """The first user may have been deleted."""
    simulator.identity.add_user("home assistant", "secret")
    flow_id = await begin_reauth(hass, loaded)
    result = await submit(
        hass, flow_id, {"username": "home assistant", "password": "secret"}
    )
    assert result["reason"] == "reauth_successful"
    assert loaded.data["username"] == "home assistant"
    assert loaded.state is ConfigEntryState.LOADED


async def test_another_site_at_the_same_address_is_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    clock: ManualClock,
) -> None:
    """Devices and automations of one site must not be used for another."""
    await simulator.stop()
    async with Simulator(Options(port=simulator.port, seed=2), clock=clock):
        flow_id = await begin_reauth(hass, entry)
        result = await submit(hass, flow_id, {"username": "demo", "password": "demo"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unique_id_mismatch"
    assert entry.unique_id == simulator.world.site.id
