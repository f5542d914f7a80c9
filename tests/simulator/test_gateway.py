"""Handling a request: paths, discovery, headers, the log."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from xprotect_simulator import ManualClock, Simulator

from .client import Client


async def test_the_well_known_document_needs_no_token(stranger: Client) -> None:
    """It is the official check for a gateway."""
    answer = await stranger.call("GET", "/API/.Well-Known/Uris")
    url = stranger.sim.url
    assert answer.body["IdentityProvider"] == f"{url}/IDP"
    assert answer.body["ApiGateways"] == [f"{url}/API/"]
    assert answer.body["UnsecureManagementServer"] == f"{url}/"
    assert answer.body["ProductVersion"]


async def test_discovery_may_name_hosts_that_cannot_be_reached(
    stranger: Client, sim: Simulator
) -> None:
    """As behind NAT; clients keep the entered origin."""
    sim.faults.enable("unreachable_names:http://vms.invalid:81")
    answer = await stranger.call("GET", "/api/.well-known/uris")
    assert answer.body["IdentityProvider"] == "http://vms.invalid:81/IDP"


async def test_paths_are_read_in_any_case(client: Client) -> None:
    """IIS does not care, and clients rely on it."""
    camera = client.sim.world.cameras[0]
    path = f"/API/Rest/V1/CAMERAS/{camera.id.upper()}"
    answer = await client.call("GET", path)
    assert answer.body["data"]["id"] == camera.id


async def test_other_paths_return_a_page_of_the_web_server(client: Client) -> None:
    """A client must not expect JSON from every 404."""
    for path in ("/", "/api/rest/v1/", "/api/rest/v2/sites"):
        answer = await client.call("GET", path)
        assert (answer.status, answer.is_json) == (404, False)


async def test_the_date_header_is_the_servers_clock(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Clients take the server's time from it."""
    assert parsedate_to_datetime(
        (await client.get("sites")).headers["Date"]
    ) == clock.now().replace(microsecond=0)
    sim.faults.enable("clock_skew:-3600")
    skewed = parsedate_to_datetime((await client.get("sites")).headers["Date"])
    assert skewed == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    event = sim.world.emit(sim.world.user_defined_events[0].id)
    assert event.time.replace(microsecond=0) == skewed
    sim.faults.disable("clock_skew")
    right = parsedate_to_datetime((await client.get("sites")).headers["Date"])
    assert right == clock.now()


async def test_requests_are_logged(client: Client, sim: Simulator) -> None:
    """Tests count them."""
    await client.get("cameras", size="1")
    await client.get("nothing")
    assert [(one.method, one.path, one.query, one.status) for one in sim.requests] == [
        ("GET", "/api/rest/v1/cameras", "size=1", 200),
        ("GET", "/api/rest/v1/nothing", "", 404),
    ]
