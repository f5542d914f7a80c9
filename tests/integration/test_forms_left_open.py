"""A form is sent after its entry was removed or changed elsewhere."""

import asyncio
from collections.abc import Awaitable
import hashlib
import ssl
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.refusal_store import RefusalStore
from tests.integration.conftest import Poll
from tests.integration.entries import load
from tests.integration.flow_forms import form_for, replace_certificate, submit
from tests.integration.pictures.conftest import OptionsForm
from tests.integration.repair_forms import open_repair, submit_repair
from xprotect_simulator import ManualClock, Options, Simulator

KNOWN_USER = {"username": "demo", "password": "demo"}
EVENTS = "/api/rest/v1/events*"
OVER_TLS = pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", tls=True)]
)


def assert_removed(result: Any) -> None:  # noqa: ANN401 - of any kind of flow
    """Assert that the user is told that the site is gone."""
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "entry_removed"


async def removed_meanwhile(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    entry: MockConfigEntry,
    work: Awaitable[Any],
) -> Any:  # noqa: ANN401 - of any kind of flow
    """Remove the entry while a form waits for the server, and return the next page."""
    simulator.faults.enable(f"slow:5:path={EVENTS}:count=1")
    waiting = hass.async_create_task(_result(work))
    await clock.until_asleep()
    await hass.config_entries.async_remove(entry.entry_id)
    await clock.advance(6)
    return await waiting


async def _result(work: Awaitable[Any]) -> Any:  # noqa: ANN401 - of any kind of flow
    return await work


async def test_a_removed_site_is_not_reconfigured(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Nor is the password sent for it."""
    flow_id = (await loaded.start_reconfigure_flow(hass))["flow_id"]
    await hass.config_entries.async_remove(loaded.entry_id)
    simulator.login_attempts.clear()
    assert_removed(await submit(hass, flow_id, form_for(simulator)))
    assert not simulator.login_attempts


async def test_a_site_that_is_removed_while_it_is_checked_is_not_reconfigured(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    entry: MockConfigEntry,
) -> None:
    """The check of a large site takes a while."""
    flow_id = (await entry.start_reconfigure_flow(hass))["flow_id"]
    sent = hass.config_entries.flow.async_configure(flow_id, form_for(simulator))
    assert_removed(await removed_meanwhile(hass, simulator, clock, entry, sent))


async def test_a_site_that_is_removed_while_it_is_checked_needs_no_new_password(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    clock: ManualClock,
    entry: MockConfigEntry,
) -> None:
    """Home Assistant closes the form, but not what it waits for."""
    flow_id = (await entry.start_reauth_flow(hass))["flow_id"]
    sent = hass.config_entries.flow.async_configure(flow_id, KNOWN_USER)
    assert_removed(await removed_meanwhile(hass, simulator, clock, entry, sent))
    assert not [one for one in hass_storage if entry.entry_id in one]


@pytest.mark.parametrize("is_reauth", [False, True], ids=["reconfigure", "reauth"])
async def test_a_site_that_is_removed_at_the_last_moment_is_not_changed(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    is_reauth: bool,
) -> None:
    """The refusal of its last password is deleted from the disk before the change."""

    async def remove(_: RefusalStore) -> None:
        await hass.config_entries.async_remove(entry.entry_id)

    start = entry.start_reauth_flow if is_reauth else entry.start_reconfigure_flow
    flow_id = (await start(hass))["flow_id"]
    monkeypatch.setattr(RefusalStore, "forget", remove)
    form = KNOWN_USER if is_reauth else form_for(simulator)
    assert_removed(await hass.config_entries.flow.async_configure(flow_id, form))


@pytest.mark.parametrize("given", [None, {}], ids=["loaded again", "sent"])
async def test_options_of_a_removed_site_are_not_stored(
    hass: HomeAssistant, loaded: MockConfigEntry, given: dict[str, Any] | None
) -> None:
    """The page may have been open for days."""
    flows = hass.config_entries.options
    page = await flows.async_init(loaded.entry_id)
    await hass.config_entries.async_remove(loaded.entry_id)
    assert_removed(await flows.async_configure(page["flow_id"], given))


async def test_options_that_are_stored_during_a_reload_count(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    loaded: MockConfigEntry,
) -> None:
    """The reload began with the old ones."""
    flows = hass.config_entries.options
    page = await flows.async_init(loaded.entry_id)
    simulator.faults.enable("slow:5:path=/api/rest/v1/sites*:count=1")
    reloading = hass.async_create_task(
        hass.config_entries.async_reload(loaded.entry_id)
    )
    await clock.until_asleep()
    assert not loaded.state.recoverable
    given = {"delivery": "poll", "poll_interval": 7, "pictures": "recorders"}
    schema = page["data_schema"]
    assert schema is not None
    result = await flows.async_configure(page["flow_id"], schema(given))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await clock.advance(6)
    assert await reloading
    await hass.async_block_till_done(wait_background_tasks=True)
    assert loaded.state is ConfigEntryState.LOADED
    assert loaded.options["poll_interval"] == 7
    assert loaded.runtime_data.pictures is not None


@pytest.fixture
def trusting(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> MockConfigEntry:
    """Trust the first certificate of the server."""
    der = ssl.PEM_cert_to_DER_cert(simulator.certificate_pem.decode())
    fingerprint = hashlib.sha256(der).hexdigest()
    data = {**entry.data, "certificate_fingerprint": fingerprint}
    hass.config_entries.async_update_entry(entry, data=data)
    return entry


@pytest.fixture
async def repair(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry, poll: Poll
) -> dict[str, Any]:
    """Change the server's certificate, and open the form of the repair."""
    await load(hass, trusting)
    await replace_certificate(simulator)
    await poll()
    page = await open_repair(hass, f"certificate_changed_{trusting.entry_id}")
    assert page["step_id"] == "confirm"
    return page


@OVER_TLS
async def test_a_certificate_of_a_removed_site_is_not_trusted(
    hass: HomeAssistant, trusting: MockConfigEntry, repair: dict[str, Any]
) -> None:
    """There is no entry to store it in."""
    await hass.config_entries.async_remove(trusting.entry_id)
    assert_removed(await submit_repair(hass, repair, {}))


@OVER_TLS
async def test_a_certificate_is_not_trusted_at_an_address_that_it_was_not_shown_for(
    hass: HomeAssistant, trusting: MockConfigEntry, repair: dict[str, Any]
) -> None:
    """The site was reconfigured in another window since."""
    port = trusting.data["url"].rpartition(":")[2]
    moved = {**trusting.data, "url": f"https://localhost:{port}"}
    hass.config_entries.async_update_entry(trusting, data=moved)
    again = await submit_repair(hass, repair, {})
    assert again["step_id"] == "confirm"
    assert again["errors"] == {"base": "changed_meanwhile"}
    assert again["description_placeholders"]["host"] == "localhost"
    assert trusting.data == moved


@OVER_TLS
async def test_a_certificate_is_trusted_once_it_was_shown_for_the_new_connection(
    hass: HomeAssistant,
    simulator: Simulator,
    trusting: MockConfigEntry,
    repair: dict[str, Any],
) -> None:
    """The user confirms a second time, and the change made elsewhere is kept."""
    simulator.identity.set_password("new")
    data = {**trusting.data, "password": "new"}
    hass.config_entries.async_update_entry(trusting, data=data)
    again = await submit_repair(hass, repair, {})
    assert again["errors"] == {"base": "changed_meanwhile"}
    assert (await submit_repair(hass, again, {}))["type"] is FlowResultType.CREATE_ENTRY
    shown = again["description_placeholders"]["fingerprint"]
    assert trusting.data == {**data, "certificate_fingerprint": shown}


@OVER_TLS
@pytest.mark.parametrize("answer", [None, {}], ids=["loaded again", "sent"])
async def test_a_certificate_is_not_trusted_beside_an_authority(
    hass: HomeAssistant,
    simulator: Simulator,
    trusting: MockConfigEntry,
    repair: dict[str, Any],
    answer: dict[str, Any] | None,
) -> None:
    """Another form has repaired it in another way, and nothing is left to do."""
    flow_id = (await trusting.start_reconfigure_flow(hass))["flow_id"]
    pasted = {"ca_certificate": simulator.certificate_pem.decode()}
    await submit(hass, flow_id, form_for(simulator, advanced=pasted))
    repaired = dict(trusting.data)
    assert "certificate_fingerprint" not in repaired
    result = await submit_repair(hass, repair, answer)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert trusting.data == repaired
    assert trusting.state is ConfigEntryState.LOADED


@OVER_TLS
async def test_a_trusted_certificate_is_not_shown_as_another_one(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    trusting: MockConfigEntry,
    repair: dict[str, Any],
) -> None:
    """Two windows had the same form."""
    second = await open_repair(hass, f"certificate_changed_{trusting.entry_id}")
    await submit_repair(hass, repair, {})
    before = dict(trusting.data)
    result = await submit_repair(hass, second, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert trusting.data == before
    assert (DOMAIN, f"certificate_changed_{trusting.entry_id}") not in (
        issue_registry.issues
    )


PICTURES = Options(cameras=2, recorders=2, recorder_port=0, has_still_task=False)


@pytest.mark.parametrize("simulator_options", [PICTURES])
async def test_pictures_of_a_removed_site_are_not_stored(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
) -> None:
    """It was removed while its recorders were tested."""
    form = OptionsForm(hass, loaded)
    simulator.faults.enable("recorder_no_rights")
    assert (await form.choose("recorders"))["step_id"] == "pictures"
    await hass.config_entries.async_remove(loaded.entry_id)
    assert_removed(await form.fill_in(save_anyway=True))


@pytest.mark.parametrize("simulator_options", [PICTURES])
async def test_a_form_that_is_sent_twice_stores_what_was_tested(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
) -> None:
    """Not what the second one contains, which fails its own test."""
    form = OptionsForm(hass, loaded)
    simulator.faults.enable("recorder_no_rights")
    assert (await form.choose("recorders"))["step_id"] == "pictures"
    simulator.faults.disable("recorder_no_rights")
    recorder = simulator.recorders.all[0]
    wrong = [{"recorder": recorder.item.id, "address": "127.0.0.1:1"}]
    sent = form.fill_in(), form.fill_in(recorders=wrong)
    await asyncio.gather(*sent, return_exceptions=True)
    assert loaded.options["pictures"] == "recorders"
    assert not loaded.options["recorder_addresses"]
