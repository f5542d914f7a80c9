"""Setting a site up in the user interface, with all its errors."""

from typing import Any
from unittest.mock import patch

from aiohttp import ThreadedResolver
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.flow_forms import (
    AREAS,
    assert_it_finishes,
    begin,
    form_for,
    submit,
    suggestions,
)
from tests.integration.flow_troubles import MISTAKES, TROUBLES, Trouble
from xprotect_simulator import ManualClock, Options, Simulator


@pytest.mark.parametrize(("trouble", "error"), TROUBLES.values(), ids=list(TROUBLES))
async def test_each_problem_has_its_own_error_and_is_solved_in_the_same_form(
    hass: HomeAssistant, simulator: Simulator, trouble: Trouble, error: str
) -> None:
    """Users can correct the problem without starting again."""
    flow_id = await begin(hass)
    async with trouble(simulator):
        result = await submit(hass, flow_id, form_for(simulator))
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] == {"base": error}
    await assert_it_finishes(hass, simulator, flow_id)


@pytest.mark.parametrize(("changes", "errors"), MISTAKES.values(), ids=list(MISTAKES))
async def test_each_mistake_has_its_own_error_and_is_corrected_in_the_form(
    hass: HomeAssistant,
    simulator: Simulator,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """The other fields keep their values."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator, **changes))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    await assert_it_finishes(hass, simulator, flow_id)


async def test_a_wrong_password_is_tried_once(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Five wrong attempts lock the account, also for its other users."""
    flow_id = await begin(hass)
    await submit(hass, flow_id, form_for(simulator, password="wrong"))
    assert [attempt.outcome for attempt in simulator.login_attempts] == [
        "InvalidCredentials"
    ]


async def test_a_form_with_an_error_keeps_everything_but_the_password(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """A password must not be sent back to a browser."""
    flow_id = await begin(hass)
    entered = form_for(
        simulator,
        username="nobody",
        password="my secret",
        verify_ssl=False,
        advanced={"ca_certificate": "my certificate"},
    )
    result = await submit(hass, flow_id, entered)
    schema = result["data_schema"]
    assert schema is not None
    assert dict(suggestions(schema.schema)) == {
        "url": simulator.url,
        "username": "nobody",
        "authentication": "basic",
        "verify_ssl": False,
        "ca_certificate": "my certificate",
    }
    assert "my secret" not in str(result)


async def test_the_entry_contains_the_input_and_the_site_s_name_and_id(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The id of the site does not change with the host name."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator))
    assert result["title"] == "Simulated site"
    assert result["result"].unique_id == simulator.world.site.id
    assert result["data"] == {
        "url": simulator.url,
        "authentication": "basic",
        "username": "demo",
        "password": "demo",
        "verify_ssl": True,
    }
    assert result["options"] == {}


@pytest.mark.parametrize(
    "typed",
    ["{}/", "{}/api", "{}/API/", " {} ", "{}//api//", "{}/api/rest/v1/", "{}/IDP"],
)
async def test_the_address_is_stored_in_one_form(
    hass: HomeAssistant, simulator: Simulator, typed: str
) -> None:
    """Addresses from browsers and manuals contain more than needed."""
    flow_id = await begin(hass)
    form = form_for(simulator, url=typed.format(simulator.url))
    result = await submit(hass, flow_id, form)
    assert result["data"]["url"] == simulator.url


@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", tls=True)])
async def test_an_address_without_a_scheme_means_https(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Passwords are encrypted unless the user chooses otherwise."""
    flow_id = await begin(hass)
    form = form_for(simulator, url=f"127.0.0.1:{simulator.port}/", verify_ssl=False)
    result = await submit(hass, flow_id, form)
    assert result["data"]["url"] == simulator.url
    assert simulator.url.startswith("https://")


class MachinesResolver(ThreadedResolver):
    """Resolves names like the machine, and closes like Home Assistant's resolver."""

    async def real_close(self) -> None:
        """Close."""
        await self.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_site_is_set_up_once_whatever_its_address(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, host: str
) -> None:
    """Otherwise every event would be delivered twice."""
    flow_id = await begin(hass)
    url = f"http://{host}:{simulator.port}/api/"
    # The test plugin's own resolver is closed after the first test of a run.
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        return_value=MachinesResolver(),
    ):
        result = await submit(hass, flow_id, form_for(simulator, url=url))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert hass.config_entries.async_entries(DOMAIN) == [entry]


async def test_another_site_is_set_up_beside_the_first(
    hass: HomeAssistant, loaded: MockConfigEntry, clock: ManualClock
) -> None:
    """A company may have several; built-in ids are the same at all of them."""
    async with Simulator(Options(seed=2), clock=clock) as second:
        flow_id = await begin(hass)
        result = await submit(hass, flow_id, form_for(second))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].unique_id != loaded.unique_id
        assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_user_who_may_not_read_the_site_gets_the_same_id(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Otherwise it would become another site when the right is given later."""
    simulator.identity.forbid("sites")
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == simulator.world.site.id
    assert result["title"] == "XProtect"


async def test_a_form_left_open_elsewhere_does_not_stop_the_next(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Home Assistant keeps the flow of a closed page until it restarts."""
    configure = hass.config_entries.flow.async_configure
    left_open = await configure(await begin(hass), form_for(simulator))
    assert left_open["step_id"] == AREAS
    await assert_it_finishes(hass, simulator, await begin(hass))
    assert not hass.config_entries.flow.async_progress()


async def test_a_form_that_another_one_ends_while_it_waits_says_so(
    hass: HomeAssistant, simulator: Simulator, clock: ManualClock
) -> None:
    """Its page would lose the connection instead, and show nothing."""
    configure = hass.config_entries.flow.async_configure
    waiting = await begin(hass)
    await configure(waiting, form_for(simulator))
    simulator.faults.enable("slow:40:path=*/hardware:count=1")
    reading = hass.async_create_task(configure(waiting, {}))
    await clock.until_asleep()
    await assert_it_finishes(hass, simulator, await begin(hass))
    result = await reading
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert not hass.config_entries.flow.async_progress()
    # The server still answers the list that nobody waits for.
    await clock.advance(40)


@pytest.mark.parametrize("typed", ["demo ", " demo", "demo\n"])
async def test_blanks_around_a_user_name_are_not_part_of_it(
    hass: HomeAssistant, simulator: Simulator, typed: str
) -> None:
    """Keyboards of phones add one, and each refusal is a step towards a lock."""
    result = await submit(hass, await begin(hass), form_for(simulator, username=typed))
    assert result["data"]["username"] == "demo"
    assert {one.outcome for one in simulator.login_attempts} == {"success"}


async def test_what_was_checked_is_stored_if_a_form_is_sent_twice(
    hass: HomeAssistant, simulator: Simulator, clock: ManualClock
) -> None:
    """The answer to the first one comes late, after the refusal of the second."""
    configure = hass.config_entries.flow.async_configure
    flow_id = await begin(hass)
    simulator.faults.enable("slow:20:path=/idp/connect/token:count=1")
    late = hass.async_create_task(configure(flow_id, form_for(simulator)))
    await clock.until_asleep()
    refused = await configure(flow_id, form_for(simulator, password="wrong"))
    assert refused["errors"] == {"base": "invalid_auth"}
    await clock.advance(20)
    assert (await late)["step_id"] == AREAS
    result = await submit(hass, flow_id, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["password"] == "demo"
