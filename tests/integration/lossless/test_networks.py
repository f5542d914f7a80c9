"""Names that stop resolving, and certificates that change."""

from aiohttp import TCPConnector
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from tests.integration import name_server
from tests.integration.lossless.scene import Scene
from tests.integration.name_server import Names
from xprotect_simulator import Options

names = name_server.names


async def test_a_name_that_does_not_resolve_for_a_while_loses_no_event(
    names: Names, unset_scene: Scene
) -> None:
    """Many routers are name servers, and are restarted at night."""
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
    # Open connections need no name.
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
    """Enter the server's own certificate as the one to trust."""
    pem = scene.simulator.certificate_pem.decode()
    data = {**scene.entry.data, "ca_certificate": pem}
    scene.hass.config_entries.async_update_entry(scene.entry, data=data)


@pytest.mark.parametrize("simulator_options", [Options(tls=True)])
async def test_a_new_certificate_stops_events_until_it_is_trusted_and_loses_none(
    unset_scene: Scene,
) -> None:
    """Certificates are renewed every year, and nobody changes the entry then."""
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
