"""Reading the lists of the configuration, and other answers instead of them."""

from collections.abc import Awaitable, Callable

import pytest

from custom_components.xprotect_events.api import (
    AnalyticsEvent,
    ApiError,
    Configuration,
    Device,
    EventType,
    Hardware,
    NotAGatewayError,
    NotFoundError,
    PermissionDeniedError,
    RecordingServer,
    RejectedError,
    Resource,
    Site,
    StateGroup,
    UnavailableError,
    UserDefinedEvent,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.models import Gateway
from tests.api.payloads import PAGE, payload
from tests.api.servers import ScriptedServer
from tests.lists import DEVICES
from xprotect_simulator import Simulator

SITE = "f6bc2f05-7c2d-4c9e-8a54-2d8f9f0e9a11"
RECORDER = "2b0d4c1e-5ea2-4d1c-9d6b-0a7c3f1b8e21"
UNIT = "a1a60b6c-8a5c-4f5c-a5a0-0d3f6b7c1d02"
MOTION = "720ef62a-78be-418a-8e4c-ee04ffca6429"
GATE_OPEN = "481d4d6c-9156-4698-af7e-74b32f9e4359"
PLATE = "c0a8f3d2-5b6e-4f7a-8c9d-1e2f3a4b5c0b"

type List = Callable[[Configuration], Awaitable[tuple[object, ...]]]

LISTS: dict[str, List] = {
    "sites": Configuration.sites,
    "recordingServers": Configuration.recording_servers,
    "hardware": Configuration.hardware,
    "cameras": Configuration.cameras,
    "microphones": Configuration.microphones,
    "speakers": Configuration.speakers,
    "inputEvents": Configuration.input_events,
    "outputs": Configuration.outputs,
    "eventTypes": Configuration.event_types,
    "stateGroups": Configuration.state_groups,
    "userDefinedEvents": Configuration.user_defined_events,
    "analyticsEvents": Configuration.analytics_events,
}


def device(resource: Resource, guid: str, name: str, *, enabled: bool = True) -> Device:
    """Return a device of the documented hardware."""
    return Device(
        resource=resource, id=guid, name=name, enabled=enabled, hardware_id=UNIT
    )


DOCUMENTED: dict[str, tuple[object, ...]] = {
    "sites": (Site(id=SITE, name="Head office", version="25.2.16119.1"),),
    "recordingServers": (
        RecordingServer(
            id=RECORDER,
            name="RECORDER-01",
            enabled=True,
            site_id=SITE,
            version="25.2.16119.1",
            addresses=("http://recorder-01.example.com:7563/",) * 2,
        ),
    ),
    "hardware": (
        Hardware(
            id=UNIT,
            name="Entrance unit",
            enabled=True,
            model="AXIS P3265-LVE Dome Camera",
            web_address="http://10.0.0.5/",
            recorder_id=RECORDER,
        ),
    ),
    "cameras": (
        device(
            Resource.CAMERAS, "e028f597-c64b-4f27-bb8d-08f5cd768e1c", "Entrance camera"
        ),
        device(
            Resource.CAMERAS,
            "d0ba5376-35b6-4cb6-9d38-a976287f3569",
            "Attic",
            enabled=False,
        ),
    ),
    "microphones": (
        device(
            Resource.MICROPHONES,
            "3a1f5cbb-9a2e-45c5-8a4b-51c5d1bb7f05",
            "Entrance microphone",
        ),
    ),
    "speakers": (
        device(
            Resource.SPEAKERS,
            "7e7a3f0a-4d11-4a3a-bb35-1f2c7a2b9d06",
            "Entrance speaker",
        ),
    ),
    "inputEvents": (
        device(Resource.INPUT_EVENTS, "0c9b7f55-2f8a-4b69-8d2e-6d1e0f3a4c07", "Gate"),
    ),
    "outputs": (
        device(Resource.OUTPUTS, "6f4e2d1c-0b9a-4e87-a6b5-c4d3e2f1a008", "Siren"),
    ),
    "eventTypes": (
        EventType(
            id="6f55a7a7-d21c-4629-ac18-af1975e395a2",
            name="Motion Stopped",
            generator_type="RecorderPlugin",
            generator_subtype="Server",
            source_types=("Camera", "CameraGroup"),
            state_group_id=MOTION,
            state="No Motion",
        ),
        EventType(
            id=GATE_OPEN,
            name="Gate open",
            generator_type="External",
            generator_subtype="UserDefinedEvent",
            source_types=("System",),
            state_group_id=None,
            state=None,
        ),
    ),
    "stateGroups": (
        StateGroup(id=MOTION, name="Motion", states=("Motion", "No Motion")),
        StateGroup(
            id="53b40c77-cf48-42a2-a432-db65ae3afc7a",
            name="Communication",
            states=("Started", "Error", "Stopped"),
        ),
    ),
    "userDefinedEvents": (
        UserDefinedEvent(
            id="85867627-b287-4439-9e55-a63701e1715b",
            name="RequestStartRecording",
            is_system=True,
        ),
        UserDefinedEvent(id=GATE_OPEN, name="Gate open", is_system=False),
    ),
    "analyticsEvents": (AnalyticsEvent(id=PLATE, name="Licence plate read"),),
}


@pytest.mark.parametrize("resource", LISTS)
async def test_a_list_is_read_as_the_vendor_documents_it(
    server: ScriptedServer, scripted: XProtectClient, resource: str
) -> None:
    """A wrong field name would pass every test against a server of our own."""
    server.answer_rest("GET", resource, payload(resource))
    found = await LISTS[resource](scripted.configuration)
    assert found == DOCUMENTED[resource]


@pytest.mark.parametrize("resource", LISTS)
async def test_only_lists_of_devices_ask_for_disabled_ones(
    server: ScriptedServer, scripted: XProtectClient, resource: str
) -> None:
    """A disabled camera keeps its device; other lists may refuse the parameter."""
    server.answer_rest("GET", resource, {"array": []})
    await LISTS[resource](scripted.configuration)
    expected = "disabled" if resource in DEVICES else ""
    assert [one.query for one in server.received if one.method == "GET"] == [expected]


async def test_cameras_of_2023_r2_are_read_like_any_others(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """It writes numbers as text and GUIDs in capitals."""
    server.answer_rest("GET", "cameras", payload("cameras_2023_r2"))
    assert await scripted.configuration.cameras() == (
        Device(
            resource=Resource.CAMERAS,
            id="b1d5a1c2-7a0f-4d3e-9c4b-2e6f8a901234",
            name="Yard",
            enabled=True,
            hardware_id="c2e6b2d3-8b10-4e4f-8d5c-3f7a9b012345",
        ),
    )


@pytest.mark.parametrize("resource", LISTS)
async def test_a_list_contains_every_item_of_the_site(
    sim: Simulator, client: XProtectClient, resource: str
) -> None:
    """An object that is not read has neither device nor name."""
    found = await LISTS[resource](client.configuration)
    match resource:
        case "eventTypes":
            expected = set(sim.world.event_types)
        case "stateGroups":
            expected = set(sim.world.state_groups)
        case _:
            expected = {item.id for item in sim.world.items(resource)}
    assert expected
    assert {getattr(one, "id", None) for one in found} == expected


async def test_a_disabled_camera_is_listed_as_disabled(
    sim: Simulator, client: XProtectClient
) -> None:
    """Its device stays, without new entities."""
    sim.world.disable(sim.world.cameras[0])
    cameras = await client.configuration.cameras()
    assert [camera.enabled for camera in cameras] == [False] + [True] * 5


async def test_a_request_is_repeated_without_a_flag_that_is_refused(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Some builds answer 400 to query parameters that others take."""
    server.refuse_queries = True
    server.answer_rest("GET", "cameras", payload("cameras"))
    assert await scripted.configuration.cameras() == DOCUMENTED["cameras"]
    assert [one.query for one in server.received if one.method == "GET"] == [
        "disabled",
        "",
    ]


async def test_a_strict_server_accepts_all_our_requests(
    sim: Simulator, client: XProtectClient
) -> None:
    """Only `disabled` is a declared parameter."""
    sim.faults.enable("strict_queries")
    for read in LISTS.values():
        await read(client.configuration)
    assert {one.status for one in sim.requests} == {200}


@pytest.mark.parametrize("resource", LISTS)
async def test_a_forbidden_list_raises_a_missing_right(
    sim: Simulator, client: XProtectClient, resource: str
) -> None:
    """The error contains the server's own text."""
    sim.identity.forbid(resource)
    with pytest.raises(PermissionDeniedError) as caught:
        await LISTS[resource](client.configuration)
    assert caught.value.server_text == (
        "You do not have sufficient permissions to complete the operation."
    )


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, payload("error_400"), RejectedError),
        (404, payload("error_404"), NotFoundError),
        (503, PAGE, UnavailableError),
        (200, PAGE, ResponseError),
        (200, [], ResponseError),
        (200, {"data": []}, ResponseError),
        (200, {"array": None}, ResponseError),
        (200, {"array": {}}, ResponseError),
    ],
)
@pytest.mark.parametrize("resource", ["sites", "cameras"])
async def test_an_answer_without_a_list_is_an_error_and_not_an_empty_list(
    server: ScriptedServer,
    scripted: XProtectClient,
    resource: str,
    status: int,
    body: object,
    error: type[ApiError],
) -> None:
    """An empty list would remove devices."""
    server.answer_rest("GET", resource, body, status=status)
    with pytest.raises(error):
        await LISTS[resource](scripted.configuration)


@pytest.mark.parametrize("resource", LISTS)
async def test_an_unreadable_row_is_skipped_and_counted(
    server: ScriptedServer, scripted: XProtectClient, resource: str
) -> None:
    """One broken camera must not hide all the others."""
    rows = [{"displayName": "Broken"}, *_rows(payload(resource)), "nonsense"]
    server.answer_rest("GET", resource, {"array": rows})
    found = await LISTS[resource](scripted.configuration)
    assert found == DOCUMENTED[resource]
    ((path, unreadable),) = scripted.unreadable.take().items()
    assert path == resource
    assert unreadable.count == 2
    assert unreadable.reason.startswith(resource)


def _rows(decoded: object) -> list[object]:
    assert isinstance(decoded, dict)
    rows = decoded["array"]
    assert isinstance(rows, list)
    return rows


async def test_the_gateway_is_identified_before_the_sign_in(
    sim: Simulator, client: XProtectClient
) -> None:
    """So a wrong address causes no login."""
    assert await client.configuration.gateway() == Gateway(
        product_version="25.2.16119.1",
        identity_provider=f"{sim.url}/IDP",
        management_server=f"https://127.0.0.1:{sim.port}/",
    )
    assert not sim.login_attempts


async def test_the_well_known_document_is_read_as_the_vendor_documents_it(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """It is the official way to check that a gateway answers."""
    server.answer("GET", "/api/.well-known/uris", payload("well_known_uris"))
    assert await scripted.configuration.gateway() == Gateway(
        product_version="25.2.16119.1",
        identity_provider="https://vms.example.com/IDP",
        management_server="https://vms.example.com/",
    )


async def test_names_in_discovery_documents_are_not_followed(
    sim: Simulator, client: XProtectClient
) -> None:
    """The server's own name may not resolve elsewhere."""
    sim.faults.enable("unreachable_names")
    await client.configuration.gateway()
    assert len(await client.configuration.sites()) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, PAGE),
        (404, payload("error_404")),
        (401, {"message": "Sign in"}),
        (403, payload("error_403")),
        (301, b""),
        (200, PAGE),
        (200, b""),
        (200, []),
        (200, {"hello": "world"}),
    ],
)
async def test_another_server_at_this_address_is_not_a_gateway(
    server: ScriptedServer, scripted: XProtectClient, status: int, body: object
) -> None:
    """Many web servers answer any path, often with JSON."""
    server.answer("GET", "/api/.well-known/uris", body, status=status)
    with pytest.raises(NotAGatewayError) as caught:
        await scripted.configuration.gateway()
    assert caught.value.status == status


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_an_error_of_the_server_may_come_from_a_gateway(
    server: ScriptedServer, scripted: XProtectClient, status: int
) -> None:
    """A misconfigured or restarting gateway answers like this."""
    server.answer("GET", "/api/.well-known/uris", PAGE, status=status)
    with pytest.raises(UnavailableError) as caught:
        await scripted.configuration.gateway()
    assert caught.value.status == status


async def test_a_server_without_a_gateway_answers_with_a_page(
    sim: Simulator, client: XProtectClient
) -> None:
    """The identity provider may work although no gateway is installed."""
    sim.faults.enable("gateway_missing")
    await client.authenticator.token()
    with pytest.raises(NotAGatewayError):
        await client.configuration.gateway()
