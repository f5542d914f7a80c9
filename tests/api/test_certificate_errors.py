"""A certificate that is not trusted is its own error."""

import ssl

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    CertificateError,
    UnreachableError,
)
from custom_components.xprotect_events.api.http import (
    Http,
)
from tests.api.conftest import Connect
from tests.api.servers import Resolver
from xprotect_simulator import Options, Simulator

# Seconds; more than any answer takes here, so a longer wait is a bug.
PLENTY = 5.0


@pytest.fixture
def secure() -> Simulator:
    """Return a simulator that will use TLS with a self-signed certificate."""
    return Simulator(Options(tls=True))


def trusting(pem: bytes) -> ssl.SSLContext:
    """Return a context that trusts one certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem.decode())
    return context


async def test_a_self_signed_certificate_is_its_own_error(
    secure: Simulator, connect: Connect
) -> None:
    """It is the usual case at real sites, and the user has to decide."""
    async with secure:
        with pytest.raises(CertificateError) as caught:
            await connect(secure.url).configuration.gateway()
        assert caught.value.server_text == "self-signed certificate"
        assert not secure.requests


async def test_a_certificate_that_the_user_gave_is_trusted(
    secure: Simulator, connect: Connect
) -> None:
    """This is the safe solution."""
    async with secure:
        client = connect(secure.url, tls=trusting(secure.certificate_pem))
        assert len(await client.configuration.sites()) == 1


async def test_certificates_are_not_verified_if_the_user_has_chosen_that(
    secure: Simulator, connect: Connect
) -> None:
    """Some servers have no certificate that can be verified."""
    async with secure:
        client = connect(secure.url, tls=False)
        assert len(await client.configuration.sites()) == 1


async def test_an_expired_certificate_is_a_certificate_error(
    connect: Connect,
) -> None:
    """Trusted or not."""
    async with Simulator(Options(tls=True, certificate_days=-1)) as sim:
        client = connect(sim.url, tls=trusting(sim.certificate_pem))
        with pytest.raises(CertificateError) as caught:
            await client.configuration.gateway()
        assert caught.value.server_text == "certificate has expired"


async def test_a_certificate_for_another_name_is_a_certificate_error(
    secure: Simulator,
) -> None:
    """Another machine may answer there."""
    connector = aiohttp.TCPConnector(resolver=Resolver())
    async with secure, aiohttp.ClientSession(connector=connector) as session:
        http = Http(session=session, tls=trusting(secure.certificate_pem))
        url = URL.build(scheme="https", host="vms.test", port=secure.port)
        with pytest.raises(CertificateError) as caught:
            await http.send("GET", url, timeout=PLENTY)
    assert "vms.test" in str(caught.value)


async def test_https_to_a_port_that_speaks_http_is_unreachable(
    sim: Simulator, connect: Connect
) -> None:
    """The error is not about a certificate."""
    url = str(URL(sim.url).with_scheme("https"))
    with pytest.raises(UnreachableError) as caught:
        await connect(url).configuration.gateway()
    assert not isinstance(caught.value, CertificateError)
