"""Changing how a site is reached, without setting it up again."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.flow_forms import form_for, submit, suggestions
from tests.integration.flow_troubles import MISTAKES, TROUBLES, Trouble
from xprotect_simulator import ManualClock, Options, Simulator


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Open the form that changes the connection, and return the flow's id."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "reconfigure"
    assert result["errors"] == {}
    return result["flow_id"]


async def assert_it_finishes(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    flow_id: str,
    **changes: object,
) -> None:
    """Assert that the same form, now filled in correctly, changes the connection."""
    result = await submit(hass, flow_id, form_for(simulator, **changes))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.LOADED


async def test_the_form_shows_the_current_values_but_never_the_password(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """A user who changes the address keeps the rest."""
    data = {**entry.data, "ca_certificate": "my certificate", "password": "my secret"}
    hass.config_entries.async_update_entry(entry, data=data)
    result = await entry.start_reconfigure_flow(hass)
    schema = result["data_schema"]
    assert schema is not None
    assert dict(suggestions(schema.schema)) == {
        "url": simulator.url,
        "authentication": "basic",
        "username": "demo",
        "verify_ssl": True,
        "ca_certificate": "my certificate",
    }
    assert "my secret" not in str(result)
    assert result["description_placeholders"] == {"name": entry.title}


async def test_an_empty_password_keeps_the_stored_one(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """A user who changes the address may not know the password."""
    flow_id = await begin(hass, entry)
    form = form_for(simulator)
    del form["password"]
    result = await submit(hass, flow_id, form)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["password"] == "demo"


async def test_a_stored_password_that_is_refused_is_not_sent_again(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Each attempt could lock the account."""
    flow_id = await begin(hass, entry)
    simulator.identity.set_password("new")
    form = form_for(simulator)
    del form["password"]
    result = await submit(hass, flow_id, form)
    assert result["errors"] == {"base": "invalid_auth"}
    result = await submit(hass, flow_id, form | {"password": ""})
    assert result["errors"] == {"password": "password_needed"}
    assert len(simulator.login_attempts) == 1
    result = await submit(hass, flow_id, form | {"password": "new"})
    assert result["reason"] == "reconfigure_successful"


async def test_an_empty_password_keeps_the_one_that_is_stored_by_then(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """The user signs in again in another form, while this one is open."""
    flow_id = await begin(hass, entry)
    simulator.identity.set_password("new")
    again = await entry.start_reauth_flow(hass)
    known = {"username": "demo", "password": "new"}
    await submit(hass, again["flow_id"], known)
    form = form_for(simulator)
    del form["password"]
    result = await submit(hass, flow_id, form)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["password"] == "new"
    assert {one.outcome for one in simulator.login_attempts} == {"success"}


async def test_a_site_that_has_moved_is_found_at_its_new_address(
    hass: HomeAssistant, loaded: MockConfigEntry, simulator: Simulator
) -> None:
    """If a server gets another name, its devices must stay the same."""
    title, options = loaded.title, dict(loaded.options)
    await simulator.stop()
    moved = Simulator(Options(scenario="quiet"), clock=simulator.clock)
    async with moved:
        flow_id = await begin(hass, loaded)
        await assert_it_finishes(hass, moved, loaded, flow_id, url=f"{moved.url}/api/")
        assert loaded.data["url"] == moved.url
        assert (loaded.title, dict(loaded.options)) == (title, options)
        assert moved.login_attempts
        await hass.config_entries.async_unload(loaded.entry_id)


async def test_an_entered_certificate_can_be_removed(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """A server with a public certificate needs no entered one any more."""
    data = {**entry.data, "ca_certificate": "my certificate"}
    hass.config_entries.async_update_entry(entry, data=data)
    flow_id = await begin(hass, entry)
    await assert_it_finishes(hass, simulator, entry, flow_id)
    assert "ca_certificate" not in entry.data


@pytest.mark.parametrize(("trouble", "error"), TROUBLES.values(), ids=list(TROUBLES))
async def test_each_problem_has_its_own_error_and_is_solved_in_the_same_form(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    trouble: Trouble,
    error: str,
) -> None:
    """A change can fail like a set-up."""
    before = dict(entry.data)
    flow_id = await begin(hass, entry)
    async with trouble(simulator):
        result = await submit(hass, flow_id, form_for(simulator))
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] == {"base": error}
        assert entry.data == before
    await assert_it_finishes(hass, simulator, entry, flow_id)


@pytest.mark.parametrize(("changes", "errors"), MISTAKES.values(), ids=list(MISTAKES))
async def test_each_mistake_has_its_own_error_and_is_corrected_in_the_form(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """The stored connection works, and must not be replaced by one that does not."""
    before = dict(entry.data)
    flow_id = await begin(hass, entry)
    result = await submit(hass, flow_id, form_for(simulator, **changes))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    assert entry.data == before
    schema = result["data_schema"]
    assert schema is not None
    shown = dict(suggestions(schema.schema))
    flat = {**changes, **changes.get("advanced", {})}
    assert all(shown.get(key, value) == value for key, value in flat.items())
    await assert_it_finishes(hass, simulator, entry, flow_id)


async def test_another_site_is_refused(
    hass: HomeAssistant, loaded: MockConfigEntry, clock: ManualClock
) -> None:
    """Devices and automations of one site must not be used for another."""
    before = dict(loaded.data)
    async with Simulator(Options(seed=2), clock=clock) as other:
        flow_id = await begin(hass, loaded)
        result = await submit(hass, flow_id, form_for(other))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unique_id_mismatch"
    assert loaded.data == before
    assert loaded.state is ConfigEntryState.LOADED
