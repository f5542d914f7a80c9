"""Names that stop resolving, certificates that change, machines that move."""

from collections.abc import Iterator
import socket
from typing import override
from unittest.mock import patch

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options


class Names(AbstractResolver):
    """A name server that knows one machine, as long as it answers at all."""

    def __init__(self) -> None:
        self.is_gone = False

    @override
    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[ResolveResult]:
        if self.is_gone:
            raise OSError(None, "DNS server does not answer")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    @override
    async def close(self) -> None:
        """Close nothing."""

    async def real_close(self) -> None:
        """Close nothing, as Home Assistant's own resolver is closed."""


@pytest.fixture
def names() -> Iterator[Names]:
    """Resolve names as the test says."""
    resolver = Names()
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        return_value=resolver,
    ):
        yield resolver


async def test_a_name_that_does_not_resolve_for_a_while_costs_no_event(
    names: Names, unset_scene: Scene
) -> None:
    """Routers are name servers, too, and are restarted at night."""
    scene = unset_scene
    url = f"http://xprotect.example:{scene.simulator.port}"
    data = {**scene.entry.data, "url": url}
    scene.hass.config_entries.async_update_entry(scene.entry, data=data)
    await scene.set_up()
    await scene.busy_time(10)
    assert scene.delivery == "poll"

    names.is_gone = True
    connector = async_get_clientsession(scene.hass).connector
    assert isinstance(connector, TCPConnector)
    connector.clear_dns_cache()
    # Connections that are open need no name.
    await scene.simulator.stop()
    await scene.simulator.start()
    await scene.busy_time(300)
    assert (scene.delivery, scene.motion) == ("down", "unavailable")
    names.is_gone = False
    await scene.busy_time(65)
    assert (scene.delivery, scene.motion) == ("poll", scene.expected_motion)
    scene.assert_everything_arrived_once()
    assert len(scene.lines("Error")) == 1
    assert len(scene.lines("recovered")) == 1


def trust_the_server(scene: Scene) -> None:
    """Give the server's own certificate as the one to trust."""
    pem = scene.simulator.certificate_pem.decode()
    data = {**scene.entry.data, "ca_certificate": pem}
    scene.hass.config_entries.async_update_entry(scene.entry, data=data)


@pytest.mark.parametrize("simulator_options", [Options(tls=True)])
async def test_a_new_certificate_stops_events_until_it_is_trusted_and_costs_none(
    unset_scene: Scene,
) -> None:
    """Certificates are renewed every year, by people who do not know of us."""
    scene = unset_scene
    trust_the_server(scene)
    await scene.set_up()
    await scene.busy_time(10)
    assert scene.delivery == "poll"

    await scene.simulator.stop()
    scene.simulator.replace_certificate()
    await scene.simulator.start()
    logins = scene.logins
    await scene.busy_time(600)
    assert (scene.delivery, scene.motion) == ("down", "unavailable")
    assert scene.logins == logins
    (line,) = scene.lines("Error")
    assert "certificate" in line

    await scene.unload()
    trust_the_server(scene)
    await scene.set_up()
    await scene.busy_time(10)
    assert scene.delivery == "poll"
    scene.assert_everything_arrived_once()
