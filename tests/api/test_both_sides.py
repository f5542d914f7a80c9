"""The simulator's answers have the shape that the vendor documents.

The client is tested with the same payloads, so neither side can rely on a field that
only the other one has.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.api.payloads import payload
from tests.api.shapes import differences, shape_of
from tests.lists import LISTS
from xprotect_simulator import Options, Simulator, event_ids

REST = "/api/rest/v1"


class Caller:
    """A plain HTTP client of the simulator, which decodes nothing."""

    def __init__(self, session: aiohttp.ClientSession, sim: Simulator) -> None:
        self._session = session
        self._url = sim.url
        self._headers: dict[str, str] = {}

    async def sign_in(self, **form: str) -> object:
        """Return the answer to a sign-in, and use its token if it has one."""
        fields = {
            "grant_type": "password",
            "username": "demo",
            "password": "demo",
            "client_id": "GrantValidatorClient",
            **form,
        }
        url = f"{self._url}/IDP/connect/token"
        async with self._session.post(url, data=fields) as response:
            answer: dict[str, object] = await response.json()
        if "access_token" in answer:
            self._headers["Authorization"] = f"Bearer {answer['access_token']}"
        return answer

    async def call(self, method: str, path: str, body: object = None) -> object:
        """Return the decoded answer to any request."""
        async with self._session.request(
            method, f"{self._url}{path}", json=body, headers=self._headers
        ) as response:
            answer: object = await response.json()
        return answer

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Connect to the event stream."""
        url = f"{self._url}/api/ws/events/v1"
        async with self._session.ws_connect(url, headers=self._headers) as socket:
            yield socket


@pytest.fixture
async def stranger(session: aiohttp.ClientSession, sim: Simulator) -> Caller:
    """Return a caller without a token."""
    return Caller(session, sim)


@pytest.fixture
async def caller(stranger: Caller) -> Caller:
    """Return a caller with a token."""
    await stranger.sign_in()
    return stranger


def unlike(answer: object, *names: str) -> list[str]:
    """Return the differences of an answer from all documented payloads."""
    documented = shape_of(*(payload(name) for name in names))
    return list(differences(shape_of(answer), documented))


@pytest.mark.parametrize("resource", ["sites", *LISTS])
async def test_the_simulator_lists_what_is_documented(
    caller: Caller, resource: str
) -> None:
    """Otherwise the integration would only work with the simulator."""
    answer = await caller.call("GET", f"{REST}/{resource}?disabled")
    assert unlike(answer, resource) == []


async def test_the_simulators_token_is_the_documented_one(stranger: Caller) -> None:
    """Other clients rely on each of its fields."""
    assert unlike(await stranger.sign_in(), "token") == []


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ({"password": "wrong"}, "refusal_invalid_credentials"),
        ({"username": "locked"}, "refusal_locked_out"),
        ({"username": "new"}, "refusal_change_password"),
        ({"grant_type": "none"}, "refusal_unsupported_grant_type"),
        ({"client_id": "none"}, "refusal_invalid_client"),
    ],
)
async def test_the_simulators_refusals_are_the_documented_ones(
    sim: Simulator, stranger: Caller, form: dict[str, str], name: str
) -> None:
    """Clients compare these texts letter by letter."""
    sim.identity.add_user("locked", "demo")
    sim.identity.lock("locked")
    sim.identity.add_user("new", "demo")
    sim.identity.require_password_change("new")
    assert await stranger.sign_in(**form) == payload(name)


async def test_the_simulators_well_known_document_is_the_documented_one(
    stranger: Caller,
) -> None:
    """It is the first request of each client."""
    answer = await stranger.call("GET", "/api/.well-known/uris")
    assert unlike(answer, "well_known_uris") == []


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "storages", "error_400"),
        ("GET", "cameras", "error_403"),
        ("GET", "recordings", "error_404"),
        ("POST", "events", "error_400"),
    ],
)
async def test_the_simulators_errors_come_in_the_documented_envelope(
    sim: Simulator, caller: Caller, method: str, path: str, name: str
) -> None:
    """Users see its text."""
    sim.identity.forbid("cameras")
    answer = await caller.call(method, f"{REST}/{path}", body={})
    assert unlike(answer, name) == []


async def test_the_simulator_refuses_a_token_in_the_documented_envelope(
    stranger: Caller,
) -> None:
    """Other servers answer 401 with a page."""
    answer = await stranger.call("GET", f"{REST}/sites")
    assert unlike(answer, "error_401") == []


@pytest.fixture
def history(sim: Simulator) -> list[str]:
    """Create events, with a tag and without; return their ids."""
    camera = sim.world.cameras[0]
    return [
        sim.world.emit(event_ids.MOTION_STARTED, camera, tag="A tag").id,
        sim.world.emit(event_ids.MOTION_STOPPED, camera).id,
        sim.world.emit(sim.world.named("Gate open").id).id,
    ]


async def test_the_simulators_events_are_the_documented_ones(
    caller: Caller, history: list[str]
) -> None:
    """One by one, with a null where there is no tag."""
    for event_id in history:
        answer = await caller.call("GET", f"{REST}/events/{event_id}")
        assert unlike(answer, "event", "event_triggered") == []


async def test_the_simulators_event_has_data_like_the_documented_one(
    sim: Simulator, caller: Caller
) -> None:
    """The keys of the data are not documented."""
    plate = sim.world.named("Licence plate read")
    data = {"description": "AB 12", "objectList": [{"name": "plate", "value": "AB12"}]}
    event = sim.world.emit(plate.id, sim.world.cameras[0], data=data)
    answer = await caller.call("GET", f"{REST}/events/{event.id}?include=data")
    assert unlike(answer, "event_with_data") == []


@pytest.mark.usefixtures("history")
async def test_the_simulators_pages_are_the_documented_ones(caller: Caller) -> None:
    """A page in the middle has two links, the last one only `prev`."""
    middle = await caller.call("GET", f"{REST}/events?page=1&size=1")
    assert unlike(middle, "events_page") == []
    beyond = await caller.call("GET", f"{REST}/events?page=3&size=1")
    assert unlike(beyond, "events_last_page") == []


async def test_the_simulators_answers_to_triggers_are_the_documented_ones(
    sim: Simulator, caller: Caller
) -> None:
    """Several events at once have one result each."""
    gate = {"type": sim.world.named("Gate open").id, "datatype": "none"}
    one = await caller.call("POST", f"{REST}/events", gate)
    assert unlike(one, "event_triggered") == []
    body = [gate, {**gate, "source": "nowhere/at-all"}]
    several = await caller.call("POST", f"{REST}/events/bulk", body)
    assert unlike(several, "events_bulk") == []


async def test_the_simulators_sessions_are_the_documented_ones(
    sim: Simulator, caller: Caller, history: list[str]
) -> None:
    """A new session, a reply with new events, and one without."""
    body = {
        "filterBy": [
            {"operator": "gt", "target": "time", "value": "2020-01-01T00:00:00Z"}
        ],
        "orderBy": [{"target": "time", "direction": "desc"}],
    }
    sim.faults.enable("window_reading")
    created = await caller.call("POST", f"{REST}/eventSessions", body)
    assert unlike(created, "event_session") == []
    assert isinstance(created, dict)
    path = f"{REST}/eventSessions/{created['id']}/events?maxSize={len(history)}"
    await caller.call("GET", path)
    assert unlike(await caller.call("GET", path), "event_session_unchanged") == []
    sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0], tag="A tag")
    changed = await caller.call("GET", path)
    assert unlike(changed, "event_session_changes") == []


@pytest.mark.parametrize("wrapper", ["data", "result"])
async def test_the_simulator_wraps_a_session_as_other_resources_are_wrapped(
    sim: Simulator, caller: Caller, wrapper: str
) -> None:
    """Servers may do so, too."""
    sim.faults.enable(f"wrapped_session:{wrapper}")
    body = {
        "filterBy": [{"operator": "gt", "target": "localId", "value": "0"}],
        "orderBy": [{"target": "time", "direction": "asc"}],
    }
    created = await caller.call("POST", f"{REST}/eventSessions", body)
    assert unlike(created, f"event_session_in_{wrapper}") == []


async def test_the_simulators_stream_is_the_documented_one(
    sim: Simulator, caller: Caller
) -> None:
    """Its events have fewer keys than those of REST, and one more."""
    everything = {
        "modifier": "include",
        "resourceTypes": ["*"],
        "sourceIds": ["*"],
        "eventTypes": ["*"],
    }
    async with caller.stream() as stream:
        start = {"command": "startSession", "sessionId": "", "eventId": ""}
        await stream.send_json({**start, "commandId": 1})
        assert (await stream.receive_json())["status"] == 201
        subscribe = {"command": "addSubscription", "filters": [everything]}
        await stream.send_json({**subscribe, "commandId": 2})
        assert (await stream.receive_json())["status"] == 200
        sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
        sim.world.emit(sim.world.named("Gate open").id)
        assert unlike(await stream.receive_json(), "stream_events") == []
        await stream.send_json({"command": "getState", "commandId": 3})
        assert unlike(await stream.receive_json(), "stream_states") == []


def test_every_difference_of_shape_is_found() -> None:
    """Otherwise the other tests would prove nothing."""
    documented = {"rows": [{"id": "x", "size": 1, "tag": "t"}, {"id": "y", "size": 2}]}
    given = {"rows": [{"id": 5, "name": "n"}], "more": None}
    assert list(differences(shape_of(given), shape_of(documented))) == [
        ".more is not documented",
        ".rows[].size is missing",
        ".rows[].name is not documented",
        ".rows[].id is a number",
    ]


async def test_a_large_site_has_the_same_shape(session: aiohttp.ClientSession) -> None:
    """Several recorders and event types of drivers do not change the form of rows."""
    async with Simulator(Options(cameras=160, extra_event_types=50)) as sim:
        caller = Caller(session, sim)
        await caller.sign_in()
        for resource in ("recordingServers", "hardware", "cameras", "eventTypes"):
            answer = await caller.call("GET", f"{REST}/{resource}")
            assert unlike(answer, resource) == []
