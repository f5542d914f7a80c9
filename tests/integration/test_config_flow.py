"""Setting a site up in the user interface, and everything that can go wrong there."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from unittest.mock import patch

from aiohttp import ThreadedResolver
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.api import transport
from custom_components.xprotect_events.const import DOMAIN
from xprotect_simulator import ManualClock, Options, Simulator

type Form = dict[str, Any]
type Trouble = Callable[[Simulator], AbstractAsyncContextManager[None]]

NONSENSE_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----"
# The PEM frame and base64 are right, what is inside is no certificate.
HOLLOW_CERTIFICATE = (
    "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
)


def form_for(simulator: Simulator, **changes: object) -> Form:
    """Return what a person enters who makes no mistake but these."""
    return {
        "url": simulator.url,
        "username": "demo",
        "password": "demo",
        "verify_ssl": True,
        "advanced": {},
        **changes,
    }


async def begin(hass: HomeAssistant) -> str:
    """Open the form as a person does, and return the flow's id."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["errors"] == {}
    return result["flow_id"]


async def submit(
    hass: HomeAssistant, flow_id: str, form: Mapping[str, Any]
) -> ConfigFlowResult:
    """Send the form; a set-up that follows is over when this returns."""
    result = await hass.config_entries.flow.async_configure(flow_id, dict(form))
    # The event stream is followed in the background and never ends by itself.
    await hass.async_block_till_done()
    return result


async def assert_it_finishes(
    hass: HomeAssistant, simulator: Simulator, flow_id: str, **changes: object
) -> None:
    """Assert that the same form, filled in rightly now, sets the site up."""
    result = await submit(hass, flow_id, form_for(simulator, **changes))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].state is ConfigEntryState.LOADED


def suggestions(schema: Mapping[Any, Any]) -> Iterator[tuple[str, object]]:
    """Yield what a form brings back, sections included."""
    for key, value in schema.items():
        if isinstance(value, section):
            yield from suggestions(value.schema.schema)
        elif key.description:
            yield str(key), key.description["suggested_value"]


def fault(*specs: str) -> Trouble:
    """Return a trouble that consists in these faults of the server."""

    @asynccontextmanager
    async def trouble(simulator: Simulator) -> AsyncIterator[None]:
        for spec in specs:
            simulator.faults.enable(spec)
        yield
        simulator.faults.clear()

    return trouble


@asynccontextmanager
async def closed_port(simulator: Simulator) -> AsyncIterator[None]:
    """Listen no longer at the address."""
    await simulator.stop()
    yield
    await simulator.start()


@asynccontextmanager
async def silence(simulator: Simulator) -> AsyncIterator[None]:
    """Take requests and never answer: the server's clock stands still."""
    simulator.faults.enable("slow:60")
    with patch.object(transport, "DEFAULT_TIMEOUT", 0.05):
        yield
    simulator.faults.clear()
    assert isinstance(simulator.clock, ManualClock)
    await simulator.clock.advance(60)


@asynccontextmanager
async def locked_user(simulator: Simulator) -> AsyncIterator[None]:
    """Lock the user, as too many wrong passwords do."""
    simulator.identity.lock()
    yield
    simulator.identity.unlock()


@asynccontextmanager
async def password_of_yesterday(simulator: Simulator) -> AsyncIterator[None]:
    """Demand a new password, which the user then chooses."""
    simulator.identity.require_password_change()
    yield
    simulator.identity.set_password("demo")


def forbidden(*resources: str) -> Trouble:
    """Return the trouble of a user whose role lacks rights."""

    @asynccontextmanager
    async def trouble(simulator: Simulator) -> AsyncIterator[None]:
        simulator.identity.forbid(*resources)
        yield
        simulator.identity.allow(*resources)

    return trouble


@asynccontextmanager
async def bug(_simulator: Simulator) -> AsyncIterator[None]:
    """Fail where nobody has thought of it."""
    with patch(
        "custom_components.xprotect_events.config_flow.read_site",
        side_effect=ZeroDivisionError,
    ):
        yield


TROUBLES: dict[str, tuple[Trouble, str]] = {
    "closed port": (closed_port, "cannot_connect"),
    "connection reset": (fault("reset"), "cannot_connect"),
    "half an answer": (fault("truncated"), "cannot_connect"),
    "identity provider down": (fault("idp_down"), "cannot_connect"),
    "gateway overloaded": (fault("server_error:503"), "cannot_connect"),
    "too many requests": (fault("too_many_requests"), "cannot_connect"),
    "silence": (silence, "timeout_connect"),
    "locked": (locked_user, "account_locked"),
    "must change": (password_of_yesterday, "password_must_change"),
    "IIS without a gateway": (fault("gateway_missing"), "no_api_gateway"),
    "another web site": (fault("html"), "no_api_gateway"),
    "redirect to somewhere": (fault("redirect"), "no_api_gateway"),
    "gateway without identity provider": (
        fault("server_error:404:path=*/connect/token"),
        "no_api_gateway",
    ),
    "2022": (fault("events_api_missing"), "events_unavailable"),
    "event server down": (fault("event_server_down"), "events_unavailable"),
    "no right to events": (forbidden("events"), "insufficient_permissions"),
    "no right to anything": (
        forbidden("sites", "recordingServers"),
        "insufficient_permissions",
    ),
    "token refused": (fault("unauthorized"), "unknown"),
    "garbage": (fault("garbage:path=*/sites"), "unknown"),
    "bug": (bug, "unknown"),
}


@pytest.mark.parametrize(("trouble", "error"), TROUBLES.values(), ids=list(TROUBLES))
async def test_each_trouble_has_its_own_error_and_is_got_over_in_the_same_form(
    hass: HomeAssistant, simulator: Simulator, trouble: Trouble, error: str
) -> None:
    """A person who reads what is wrong can put it right, and need not start anew."""
    flow_id = await begin(hass)
    async with trouble(simulator):
        result = await submit(hass, flow_id, form_for(simulator))
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] == {"base": error}
    await assert_it_finishes(hass, simulator, flow_id)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"url": "http://["}, {"url": "invalid_url"}),
        ({"url": "ftp://vms.example.com"}, {"url": "invalid_url"}),
        ({"url": "http://vms.example.com:99999"}, {"url": "invalid_url"}),
        ({"url": "the server in the cellar"}, {"url": "invalid_url"}),
        ({"url": "https://demo:demo@vms.example.com"}, {"url": "invalid_url"}),
        ({"password": "wrong"}, {"base": "invalid_auth"}),
        ({"username": "nobody"}, {"base": "invalid_auth"}),
        (
            {"advanced": {"ca_certificate": "my certificate"}},
            {"base": "invalid_certificate"},
        ),
        (
            {"advanced": {"ca_certificate": NONSENSE_CERTIFICATE}},
            {"base": "invalid_certificate"},
        ),
        (
            {"advanced": {"ca_certificate": HOLLOW_CERTIFICATE}},
            {"base": "invalid_certificate"},
        ),
    ],
)
async def test_each_mistake_has_its_own_error_and_is_put_right_in_the_same_form(
    hass: HomeAssistant,
    simulator: Simulator,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """Whoever mistypes one field keeps the others."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator, **changes))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    await assert_it_finishes(hass, simulator, flow_id)


async def test_a_wrong_password_is_tried_once(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Five wrong attempts lock the account, perhaps of everybody who uses it."""
    flow_id = await begin(hass)
    await submit(hass, flow_id, form_for(simulator, password="wrong"))
    assert [attempt.outcome for attempt in simulator.login_attempts] == [
        "InvalidCredentials"
    ]


async def test_a_form_that_comes_again_keeps_everything_but_the_password(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """A password must not travel back to a browser, whose owner may have left."""
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
        "verify_ssl": False,
        "ca_certificate": "my certificate",
    }
    assert result["description_placeholders"] is None


async def test_the_entry_holds_what_was_entered_and_the_site_s_name_and_id(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The id of the site outlives every change of host name."""
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


@pytest.mark.parametrize("typed", ["{}/", "{}/api", "{}/API/", " {} ", "{}//api//"])
async def test_the_address_is_stored_in_one_spelling(
    hass: HomeAssistant, simulator: Simulator, typed: str
) -> None:
    """People copy addresses from browsers and manuals, which say more than needed."""
    flow_id = await begin(hass)
    form = form_for(simulator, url=typed.format(simulator.url))
    result = await submit(hass, flow_id, form)
    assert result["data"]["url"] == simulator.url


@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", tls=True)])
async def test_an_address_without_a_scheme_means_https(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Passwords travel encrypted unless somebody asks for something else."""
    flow_id = await begin(hass)
    form = form_for(simulator, url=f"127.0.0.1:{simulator.port}/", verify_ssl=False)
    result = await submit(hass, flow_id, form)
    assert result["data"]["url"] == simulator.url
    assert simulator.url.startswith("https://")


@pytest.mark.parametrize(
    "around", ["{}", "Bag Attributes\n    friendlyName: Büro\n{}", "{0}{0}"]
)
@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", tls=True)])
async def test_an_unknown_certificate_is_refused_until_it_is_given(
    hass: HomeAssistant, simulator: Simulator, around: str
) -> None:
    """Most servers have a self-signed one, and trusting anybody is no answer."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator))
    assert result["errors"] == {"base": "ssl_error"}
    assert not simulator.login_attempts
    pem = around.format(simulator.certificate_pem.decode())
    await assert_it_finishes(hass, simulator, flow_id, advanced={"ca_certificate": pem})


@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", tls=True)])
async def test_an_unknown_certificate_is_accepted_when_nobody_wants_to_verify_it(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """In a network of one's own that is a choice, and it has to be made."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator))
    assert result["errors"] == {"base": "ssl_error"}
    await assert_it_finishes(hass, simulator, flow_id, verify_ssl=False)


@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", tls=True)])
async def test_the_certificate_of_another_server_is_not_enough(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Whoever answers in the server's place must not get the password."""
    other = Simulator(Options(tls=True)).certificate_pem.decode()
    flow_id = await begin(hass)
    result = await submit(
        hass, flow_id, form_for(simulator, advanced={"ca_certificate": other})
    )
    assert result["errors"] == {"base": "ssl_error"}
    assert not simulator.login_attempts


@pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", tls=True, certificate_days=-1)]
)
async def test_an_expired_certificate_is_named_before_the_server_is_asked(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Certificates of test systems expire unnoticed, and look right when pasted."""
    flow_id = await begin(hass)
    pem = simulator.certificate_pem.decode()
    result = await submit(
        hass, flow_id, form_for(simulator, advanced={"ca_certificate": pem})
    )
    assert result["errors"] == {"base": "certificate_expired"}
    assert not simulator.requests
    await assert_it_finishes(hass, simulator, flow_id, verify_ssl=False)


class MachinesResolver(ThreadedResolver):
    """Looks names up as the machine does, and closes as Home Assistant's own."""

    async def real_close(self) -> None:
        """Close."""
        await self.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_site_is_set_up_once_whatever_its_address(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, host: str
) -> None:
    """Twice the same site would be every event twice."""
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
    """A company has several, and built-in ids are the same everywhere."""
    async with Simulator(Options(seed=2), clock=clock) as second:
        flow_id = await begin(hass)
        result = await submit(hass, flow_id, form_for(second))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].unique_id != loaded.unique_id
        assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_user_who_may_not_read_the_site_gets_the_same_id(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Otherwise a right given later would make another site of it."""
    simulator.identity.forbid("sites")
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == simulator.world.site.id
    assert result["title"] == "XProtect"


async def begin_reauth(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Open the form that asks for a password again, and return the flow's id."""
    result = await entry.start_reauth_flow(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "reauth_confirm"
    assert result["errors"] == {}
    assert result["description_placeholders"] == {"name": entry.title}
    schema = result["data_schema"]
    assert schema is not None
    assert dict(suggestions(schema.schema)) == {"username": "demo"}
    return result["flow_id"]


async def test_a_new_password_brings_the_site_back(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Passwords are changed by rule, and by people who do not know of us."""
    simulator.identity.set_password("new")
    simulator.identity.revoke_tokens()
    flow_id = await begin_reauth(hass, loaded)
    result = await submit(hass, flow_id, {"username": "demo", "password": "new"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert loaded.data["password"] == "new"
    assert loaded.data["url"] == simulator.url
    assert loaded.state is ConfigEntryState.LOADED


async def test_a_password_that_is_wrong_again_costs_one_attempt_and_no_more(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Whoever is asked a second time is the nearer to being locked out."""
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
        # The entry that is set up with it signs in for itself.
        "success",
    ]


async def test_another_user_of_the_same_site_is_welcome(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """The one that was used first may have been deleted."""
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
    """Devices and automations of one site must not end up at another."""
    await simulator.stop()
    async with Simulator(Options(port=simulator.port, seed=2), clock=clock):
        flow_id = await begin_reauth(hass, entry)
        result = await submit(hass, flow_id, {"username": "demo", "password": "demo"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unique_id_mismatch"
    assert entry.unique_id == simulator.world.site.id
