"""Decoding the objects of an XProtect server, of every version."""

from collections.abc import Callable

import pytest

from custom_components.xprotect_events.api import (
    AnalyticsEvent,
    Device,
    EventType,
    Hardware,
    RecordingServer,
    Resource,
    Site,
    Source,
    StateGroup,
    UserDefinedEvent,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.models import NIL_GUID, Gateway

CAMERA = "E028F597-C64B-4F27-BB8D-08F5CD768E1C"
GROUP = "720EF62A-78BE-418A-8E4C-EE04FFCA6429"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"cameras/{CAMERA}", f"cameras/{CAMERA.lower()}"),
        (f"Cameras/{CAMERA}", f"cameras/{CAMERA.lower()}"),
        (f"/INPUTEVENTS/{CAMERA}/", f"inputEvents/{CAMERA.lower()}"),
        (f" hardware/{CAMERA} ", f"hardware/{CAMERA.lower()}"),
        (f"mipKinds/{CAMERA}", f"mipKinds/{CAMERA.lower()}"),
        (CAMERA, CAMERA.lower()),
    ],
)
def test_a_source_has_one_notation(value: str, expected: str) -> None:
    """Events of one camera must find its sensors however the server spells it."""
    source = Source.parse(value)
    assert str(source) == expected
    assert source == Source.parse(expected)


def test_guids_are_compared_in_lower_case() -> None:
    """The same server writes them in both cases."""
    row = {
        "id": CAMERA,
        "relations": {"parent": {"type": "hardware", "id": CAMERA}},
    }
    camera = Device.from_wire(Resource.CAMERAS, row, "cameras[0]")
    assert (camera.id, camera.hardware_id) == (CAMERA.lower(), CAMERA.lower())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"displayName": "Gate", "name": "Camera 1"}, "Gate"),
        ({"displayName": "", "name": "Camera 1"}, "Camera 1"),
        ({"name": "Camera 1"}, "Camera 1"),
        ({"displayName": None, "name": None}, CAMERA),
    ],
)
def test_the_display_name_is_preferred_to_the_name(
    names: dict[str, object], expected: str
) -> None:
    """The Smart Client also shows it; an object without any name shows its id."""
    row = {"id": CAMERA, **names}
    assert Device.from_wire(Resource.CAMERAS, row, "cameras[0]").name == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [({"enabled": True}, True), ({"enabled": False}, False), ({}, True)],
)
def test_an_item_without_the_field_enabled_is_enabled(
    row: dict[str, object], expected: bool
) -> None:
    """Some resources have no such field."""
    device = Device.from_wire(Resource.OUTPUTS, {"id": CAMERA, **row}, "outputs[0]")
    assert device.enabled is expected


@pytest.mark.parametrize("group", ["", None, NIL_GUID, 7])
def test_an_event_type_without_a_state_group_is_stateless(group: object) -> None:
    """Servers express "none" in several ways."""
    row = {"id": CAMERA, "stateGroupId": group, "state": ""}
    event_type = EventType.from_wire(row, "eventTypes[0]")
    assert (event_type.state_group_id, event_type.state) == (None, None)


@pytest.mark.parametrize(
    "row",
    [
        {"displayName": "Motion", "relations": {"self": {"id": GROUP}}},
        {"displayName": "Motion", "id": GROUP},
        {"displayName": "Motion", "id": NIL_GUID, "relations": {"self": {"id": GROUP}}},
    ],
)
def test_the_id_of_a_state_group_may_be_in_two_places(
    row: dict[str, object],
) -> None:
    """The recorded answer has it in the relations only."""
    group = StateGroup.from_wire(row, "stateGroups[0]")
    assert (group.id, group.name) == (GROUP.lower(), "Motion")


def test_a_state_group_without_a_name_is_called_by_its_id() -> None:
    """Its event types do not name it either."""
    group = StateGroup.from_wire({"relations": {"self": {"id": GROUP}}}, "groups[0]")
    assert group.name == GROUP.lower()


def test_a_state_group_without_any_id_is_unreadable() -> None:
    """Nothing could refer to it."""
    with pytest.raises(ResponseError, match=r"groups\[0\]\.relations\.self\.id"):
        StateGroup.from_wire({"displayName": "Motion"}, "groups[0]")


@pytest.mark.parametrize(
    ("subtype", "expected"),
    [
        ("System", True),
        ("system", True),
        ("UserDefined", False),
        ("", False),
        (None, False),
    ],
)
def test_system_events_are_distinguished_from_those_of_users(
    subtype: object, expected: bool
) -> None:
    """Their buttons start recordings, and are disabled by default."""
    row = {"id": CAMERA, "name": "Gate", "subtype": subtype}
    assert UserDefinedEvent.from_wire(row, "events[0]").is_system is expected


@pytest.mark.parametrize(
    "decode",
    [
        Site.from_wire,
        RecordingServer.from_wire,
        Hardware.from_wire,
        EventType.from_wire,
        UserDefinedEvent.from_wire,
        AnalyticsEvent.from_wire,
    ],
)
@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"displayName": "Nameless"}, r"^rows\[3\]\.id is missing$"),
        (None, r"^rows\[3\] is not an object$"),
    ],
)
def test_a_row_without_an_id_is_unreadable_and_reported(
    decode: Callable[[object, str], object], row: object, complaint: str
) -> None:
    """Everything else refers to the id."""
    with pytest.raises(ResponseError, match=complaint):
        decode(row, "rows[3]")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            RecordingServer.from_wire({"id": CAMERA}, "x"),
            f"recordingServers/{CAMERA.lower()}",
        ),
        (Hardware.from_wire({"id": CAMERA}, "x"), f"hardware/{CAMERA.lower()}"),
        (
            Device.from_wire(Resource.SPEAKERS, {"id": CAMERA}, "x"),
            f"speakers/{CAMERA.lower()}",
        ),
    ],
)
def test_every_item_has_the_source_of_its_events(
    source: RecordingServer | Hardware | Device, expected: str
) -> None:
    """Events are assigned to devices by it."""
    assert str(source.source) == expected


def test_hardware_and_its_devices_have_different_resources() -> None:
    """Both are sources with their own entities."""
    unit = Hardware.from_wire({"id": CAMERA}, "hardware[0]")
    assert unit.source == Source(unit.resource, unit.id)


@pytest.mark.parametrize(
    "document", [{}, {"ProductVersion": ""}, {"message": "Hello"}, {"error": {}}]
)
def test_an_object_without_version_and_identity_provider_is_not_a_gateway(
    document: dict[str, object],
) -> None:
    """Many web servers answer anything with some JSON."""
    with pytest.raises(ResponseError):
        Gateway.from_wire(document, "uris")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"ProductVersion": "25.2"},
            Gateway(product_version="25.2", identity_provider=None),
        ),
        (
            {"IdentityProvider": "https://vms/IDP", "Other": 1},
            Gateway(product_version=None, identity_provider="https://vms/IDP"),
        ),
    ],
)
def test_a_gateway_may_omit_fields(
    document: dict[str, object], expected: Gateway
) -> None:
    """The same gateway is part of products with other names."""
    assert Gateway.from_wire(document, "uris") == expected
