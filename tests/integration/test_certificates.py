"""Which certificates are trusted, and the facts shown of others."""

from collections.abc import Iterator
from datetime import timedelta
import hashlib
from pathlib import Path
import ssl
import threading
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import certificates, sanitize
from tests.integration.certificate_authority import Certificate
from tests.integration.flow_forms import (
    assert_it_finishes,
    begin,
    form_for,
    submit,
    submit_and_go_back,
)
from xprotect_simulator import Options, Simulator

TLS = Options(scenario="quiet", tls=True)
LONG_AGO = timedelta(days=-30)


@pytest.fixture
def authority() -> Certificate:
    """Return the authority of a company."""
    return Certificate.issue("Company CA")


@pytest.fixture
def shown(authority: Certificate) -> Certificate:
    """Return the server's certificate; a test that needs another overrides it."""
    return Certificate.issue("vms.company.example", issuer=authority)


@pytest.fixture
def company_options(tmp_path: Path, shown: Certificate) -> Options:
    """Return the options of a server with the certificate of a private authority."""
    certificate, key = shown.save(tmp_path)
    return Options(scenario="quiet", tls_cert=certificate, tls_key=key)


@pytest.mark.parametrize(
    "around", ["{}", "Bag Attributes\n    friendlyName: Büro\n{}", "{0}{0}"]
)
@pytest.mark.parametrize("simulator_options", [TLS])
async def test_an_unknown_certificate_is_refused_until_it_is_given(
    hass: HomeAssistant, simulator: Simulator, around: str
) -> None:
    """Most servers have a self-signed one, and trusting every server is not safe."""
    flow_id = await begin(hass)
    result = await submit_and_go_back(hass, flow_id, form_for(simulator))
    assert result["errors"] == {"base": "ssl_error"}
    assert not simulator.login_attempts
    pem = around.format(simulator.certificate_pem.decode())
    await assert_it_finishes(hass, simulator, flow_id, advanced={"ca_certificate": pem})


@pytest.mark.parametrize("simulator_options", [TLS])
async def test_an_unknown_certificate_is_accepted_without_verification(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """In a private network the user may choose that."""
    flow_id = await begin(hass)
    result = await submit_and_go_back(hass, flow_id, form_for(simulator))
    assert result["errors"] == {"base": "ssl_error"}
    await assert_it_finishes(hass, simulator, flow_id, verify_ssl=False)


@pytest.mark.parametrize("simulator_options", [TLS])
async def test_the_certificate_of_another_server_is_not_enough(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """A server in the place of the real one must not get the password."""
    other = Simulator(Options(tls=True)).certificate_pem.decode()
    flow_id = await begin(hass)
    result = await submit_and_go_back(
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
    """Certificates of test systems expire unnoticed, and look valid when pasted."""
    flow_id = await begin(hass)
    pem = simulator.certificate_pem.decode()
    result = await submit(
        hass, flow_id, form_for(simulator, advanced={"ca_certificate": pem})
    )
    assert result["errors"] == {"advanced": "certificate_expired"}
    assert not simulator.requests
    await assert_it_finishes(hass, simulator, flow_id, verify_ssl=False)


async def test_an_old_certificate_beside_the_current_one_does_no_harm(
    hass: HomeAssistant, company_options: Options, authority: Certificate
) -> None:
    """Files with all authorities of a company contain expired ones."""
    old = Certificate.issue("Old authority", host=None, lasts=LONG_AGO)
    async with Simulator(company_options) as simulator:
        pasted = {"ca_certificate": old.pem + authority.pem}
        await assert_it_finishes(hass, simulator, await begin(hass), advanced=pasted)
        await unload_all(hass)


async def test_a_private_authority_is_used_for_every_connection(
    hass: HomeAssistant,
    company_options: Options,
    authority: Certificate,
    shown: Certificate,
) -> None:
    """Sign-in, REST and WebSocket: one unverified connection would be enough."""
    async with Simulator(company_options) as simulator:
        flow_id = await begin(hass)
        result = await submit_and_go_back(hass, flow_id, form_for(simulator))
        assert result["errors"] == {"base": "ssl_error"}
        facts = result["description_placeholders"]
        assert facts is not None
        digest = hashlib.sha256(shown.der).digest().hex(":").upper()
        assert dict(facts) == {
            "reason": "unable to get local issuer certificate",
            "subject": "CN=vms.company.example",
            "issuer": "CN=Company CA",
            "names": "127.0.0.1",
            "host": "127.0.0.1",
            "fingerprint": f"{digest[:47]} {digest[48:]}",
            "valid_from": shown.certificate.not_valid_before_utc.date().isoformat(),
            "valid_until": shown.certificate.not_valid_after_utc.date().isoformat(),
        }
        assert not simulator.requests
        await assert_it_finishes(
            hass, simulator, flow_id, advanced={"ca_certificate": authority.pem}
        )
        await simulator.sockets.until(lambda: simulator.sockets.accepted > 0)
        paths = {request.path for request in simulator.requests}
        assert "/IDP/connect/token" in paths
        assert "/api/rest/v1/cameras" in paths
        await unload_all(hass)


async def unload_all(hass: HomeAssistant) -> None:
    """Unload all entries that a form has set up."""
    for entry in hass.config_entries.async_entries("xprotect_events"):
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("simulator_options", [TLS])
@pytest.mark.parametrize("entry_options", [{"delivery": "auto"}])
async def test_no_connection_is_made_after_the_certificate_has_changed(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """A server that takes its place later must not get a token, either."""
    pem = simulator.certificate_pem.decode()
    data = {**entry.data, "ca_certificate": pem}
    hass.config_entries.async_update_entry(entry, data=data)
    assert await hass.config_entries.async_setup(entry.entry_id)
    # The first requests the states at the set-up, the second is the push.
    await simulator.sockets.until(lambda: simulator.sockets.accepted > 1)
    await simulator.stop()
    simulator.replace_certificate()
    await simulator.start()
    simulator.requests.clear()
    simulator.login_attempts.clear()
    accepted = simulator.sockets.accepted
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not simulator.requests
    assert not simulator.login_attempts
    assert simulator.sockets.accepted == accepted


@pytest.fixture
def threads_of_contexts() -> Iterator[list[threading.Thread]]:
    """Return the threads in which certificates are read and contexts built."""
    threads: list[threading.Thread] = []
    build, read = certificates._create_tls_context, certificates._read

    def build_here(pem: str) -> ssl.SSLContext:
        threads.append(threading.current_thread())
        return build(pem)

    def read_here(pem: str) -> object:
        threads.append(threading.current_thread())
        return read(pem)

    with (
        patch.object(certificates, "_create_tls_context", build_here),
        patch.object(certificates, "_read", read_here),
    ):
        yield threads


@pytest.mark.parametrize("simulator_options", [TLS])
async def test_contexts_are_built_outside_the_event_loop(
    hass: HomeAssistant,
    simulator: Simulator,
    threads_of_contexts: list[threading.Thread],
) -> None:
    """A bundle of a hundred authorities takes longer than a light should wait."""
    flow_id = await begin(hass)
    pem = simulator.certificate_pem.decode()
    await assert_it_finishes(hass, simulator, flow_id, advanced={"ca_certificate": pem})
    assert threads_of_contexts
    assert threading.main_thread() not in threads_of_contexts


class TestStranger:
    """A server with a hostile certificate."""

    @pytest.fixture
    def shown(self) -> Certificate:
        """Return a certificate full of characters that may break a page."""
        names = ("<script>alert(1)</script>", "[click](x)", "{name}", "a\u202eb\x07")
        return Certificate.issue(*names, *("x" * 60 for _ in range(50)))

    async def test_its_names_are_shortened_and_harmless(
        self, hass: HomeAssistant, company_options: Options
    ) -> None:
        """The names are shown on a page for administrators."""
        async with Simulator(company_options) as simulator:
            flow_id = await begin(hass)
            result = await submit(hass, flow_id, form_for(simulator))
        facts = result["description_placeholders"]
        assert facts is not None
        for name in (facts["subject"], facts["issuer"]):
            assert len(name) <= sanitize.MAX_LENGTH + 1
            assert name.isprintable()
            assert not sanitize.MARKUP & set(name)

    async def test_a_matching_name_is_shown_without_harmful_characters(
        self, hass: HomeAssistant, tmp_path: Path
    ) -> None:
        """The rest must be enough to recognise the user's own server."""
        stranger = Certificate.issue("<b>vms</b> \u202e\x07 é ü {x}")
        certificate, key = stranger.save(tmp_path)
        options = Options(scenario="quiet", tls_cert=certificate, tls_key=key)
        async with Simulator(options) as simulator:
            flow_id = await begin(hass)
            result = await submit(hass, flow_id, form_for(simulator))
        facts = result["description_placeholders"]
        assert facts is not None
        assert facts["subject"] == "CN=?b?vms?/b? ?? é ü ?x?"


class TestExpired:
    """A server whose certificate has expired."""

    @pytest.fixture
    def shown(self, authority: Certificate) -> Certificate:
        """Return a certificate of last month."""
        return Certificate.issue("vms", issuer=authority, lasts=LONG_AGO)

    async def test_the_form_shows_since_when_it_has_expired(
        self,
        hass: HomeAssistant,
        company_options: Options,
        authority: Certificate,
        shown: Certificate,
    ) -> None:
        """The authority is trusted, so users would not suspect the certificate."""
        async with Simulator(company_options) as simulator:
            flow_id = await begin(hass)
            form = form_for(simulator, advanced={"ca_certificate": authority.pem})
            result = await submit_and_go_back(hass, flow_id, form)
            facts = result["description_placeholders"]
            assert result["errors"] == {"base": "ssl_error"}
            assert facts is not None
            assert facts["reason"] == "certificate has expired"
            until = shown.certificate.not_valid_after_utc.date().isoformat()
            assert facts["valid_until"] == until
            await assert_it_finishes(hass, simulator, flow_id, verify_ssl=False)
            await unload_all(hass)


class TestAnotherName:
    """A server whose certificate is for another address."""

    @pytest.fixture
    def shown(self, authority: Certificate) -> Certificate:
        """Return a certificate for another machine."""
        return Certificate.issue("vms", issuer=authority, host="192.0.2.1")

    async def test_the_form_shows_the_names_of_the_certificate(
        self, hass: HomeAssistant, company_options: Options, authority: Certificate
    ) -> None:
        """Copied certificates and new addresses are as common as hostile servers."""
        async with Simulator(company_options) as simulator:
            flow_id = await begin(hass)
            form = form_for(simulator, advanced={"ca_certificate": authority.pem})
            result = await submit_and_go_back(hass, flow_id, form)
        assert result["errors"] == {"base": "ssl_error"}
        facts = result["description_placeholders"]
        assert facts is not None
        assert "mismatch" in facts["reason"]


@pytest.mark.parametrize("failure", [OSError("gone"), TimeoutError()])
@pytest.mark.parametrize("simulator_options", [TLS])
async def test_facts_that_cannot_be_read_are_question_marks(
    hass: HomeAssistant, simulator: Simulator, failure: Exception
) -> None:
    """The error stays the same; only the facts are missing."""
    flow_id = await begin(hass)
    with patch("asyncio.open_connection", side_effect=failure):
        result = await submit(hass, flow_id, form_for(simulator))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "ssl_error"}
    facts = result["description_placeholders"]
    assert facts is not None
    assert {facts[key] for key in ("subject", "issuer", "fingerprint")} == {"?"}
    pem = simulator.certificate_pem.decode()
    await assert_it_finishes(hass, simulator, flow_id, advanced={"ca_certificate": pem})


@pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", tls=True, certificate_days=-1)]
)
async def test_a_certificate_that_expires_later_is_the_reason_of_the_error(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """It was valid when it was entered; the reason must not be a traceback."""
    pem = simulator.certificate_pem.decode()
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "ca_certificate": pem}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "certificate_not_trusted"
    placeholders = entry.error_reason_translation_placeholders
    assert placeholders is not None
    assert "certificate has expired" in placeholders["error"]
