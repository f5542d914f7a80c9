"""The simulator's answers, compared with the vendor's list of fields and types.

`tests/fixtures/vendor_fields.json` has the names and JSON types of the Configuration
API of 2025 R2, without children.
"""

from collections.abc import Callable, Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any

import pytest

from xprotect_simulator import Simulator
from xprotect_simulator.identifiers import is_guid

from .client import Client

FIELDS: Mapping[str, Mapping[str, str]] = json.loads(
    (Path(__file__).parents[1] / "fixtures/vendor_fields.json").read_text()
)
# Recorded from 2023 R2 and used by the vendor's own viewer, though not documented.
RECORDED = {"eventTypes": {"state"}, "recordingServers": {"relations.parent"}}
LISTED = (
    "sites",
    "recordingServers",
    "hardware",
    "cameras",
    "microphones",
    "speakers",
    "metadata",
    "inputEvents",
    "outputs",
    "cameraGroups",
    "eventTypes",
    "eventTypeGroups",
    "stateGroups",
    "userDefinedEvents",
    "analyticsEvents",
    "genericEvents",
    "alarmDefinitions",
    "roles",
    "securityNamespaces",
)
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z?")


def is_whole(value: object) -> bool:
    """In Python, bool is a kind of int."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_list_of(kind: type) -> Callable[[object], bool]:
    """Return a check for an array."""
    return lambda value: (
        isinstance(value, list) and all(isinstance(one, kind) for one in value)
    )


CHECKS: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, str | dict),
    "guid": lambda value: isinstance(value, str) and is_guid(value.lower()),
    "int": is_whole,
    "number": lambda value: is_whole(value) or isinstance(value, float),
    "bool": lambda value: isinstance(value, bool),
    "datetime": lambda value: isinstance(value, str) and bool(DATE.fullmatch(value)),
    "array<string>": is_list_of(str),
    "array<object>": is_list_of(dict),
    "array<link>": is_list_of(dict),
}


def fits(value: object, type_name: str) -> bool:
    """Return whether a value is of one of the types of the list."""
    name, _, target = type_name.partition(":")
    if name == "link":
        return isinstance(value, dict) and value["type"] == target and "id" in value
    return CHECKS[name](value)


def flat(record: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the fields of a record; links are in `relations`."""
    for name, value in record.items():
        if name == "relations":
            yield from ((f"relations.{kind}", link) for kind, link in value.items())
        else:
            yield name, value


def differences(record: Mapping[str, Any], kind: str) -> list[str]:
    """Return the differences that the list declares."""
    documented = FIELDS[kind]
    found = dict(flat(record))
    extra = found.keys() - documented.keys() - RECORDED.get(kind, set())
    wrong = [
        name
        for name, type_name in documented.items()
        if name in found and not fits(found[name], type_name)
    ]
    missing = documented.keys() - found.keys()
    return [
        *(f"{kind}.{name} is not documented" for name in sorted(extra)),
        *(f"{kind}.{name} is no {documented[name]}" for name in wrong),
        *(f"{kind}.{name} is missing" for name in sorted(missing)),
    ]


@pytest.mark.parametrize("kind", LISTED)
async def test_a_list_has_the_documented_fields_and_types(
    client: Client, kind: str
) -> None:
    """Our client must not rely on fields that only the simulator writes."""
    rows = (await client.get(kind)).body["array"]
    assert rows
    assert [found for row in rows for found in differences(row, kind)] == []


async def test_child_records_are_as_documented(client: Client, sim: Simulator) -> None:
    """They are listed below their parents only."""
    storage = sim.world.items("storages")[0]
    recorder = sim.world.items("recordingServers")[0]
    camera = next(one for one in sim.world.cameras if one.extra["ptz"])
    rows = {
        "storages": f"recordingServers/{recorder.id}/storages",
        "storageInformation": f"storages/{storage.id}/storageInformation",
        "ptzPresets": f"cameras/{camera.id}/ptzPresets",
    }
    for kind, path in rows.items():
        (row, *_) = (await client.get(path)).body["array"]
        assert differences(row, kind) == []
        item_id = row["relations"]["self"]["id"]
        assert (await client.get(f"{kind}/{item_id}")).body == {"data": row}


async def test_tasks_rights_and_errors_are_as_documented(
    client: Client, sim: Simulator
) -> None:
    """Clients depend on them."""
    camera = sim.world.cameras[0]
    started = await client.post(
        f"cameras/{camera.id}/ptzPresets?task=GetDevicePresets", {}
    )
    task_id = started.body["result"]["path"]["id"]
    task = (await client.get(f"tasks/{task_id}")).body["data"]
    assert differences(task, "tasks") == []

    namespace = (await client.get("securityNamespaces")).body["array"][0]
    for action in namespace["securityActions"]:
        assert differences(action, "securityActions") == []
    sim.identity.user().is_administrator = False
    answer = await client.get(f"effectivePermissions/{namespace['id']}")
    rights = answer.body["data"]
    assert differences(rights, "effectivePermissions") == []
    for one in rights["objectPermissions"]:
        assert differences(one, "objectPermissions") == []

    sim.identity.user().is_administrator = True
    refused = await client.post("userDefinedEvents", {})
    error = refused.body["error"]
    assert differences(error, "error") == []
    details = {"errorText", "property"}
    assert error["details"][0].keys() == details <= FIELDS["errorDetails"].keys()


def test_a_difference_is_found() -> None:
    """Otherwise the other tests would prove nothing."""
    record = {"enabled": 1, "userdefined": True, "relations": {"self": {}}}
    found = differences({**record, "relations": {}}, "stateGroups")
    assert "stateGroups.userdefined is not documented" in found
    assert "stateGroups.id is missing" in found
    assert differences({"id": "x"}, "objectPermissions") == [
        "objectPermissions.id is no guid",
        "objectPermissions.mask is missing",
    ]
