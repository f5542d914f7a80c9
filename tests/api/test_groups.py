"""Groups of devices, read from servers that list them in their own ways."""

import pytest

from custom_components.xprotect_events.api import UnavailableError, XProtectClient
from custom_components.xprotect_events.engine import groups
from custom_components.xprotect_events.engine.groups import (
    areas_of,
    kept,
    members_of,
    read_groups,
)
from tests.api.servers import ScriptedServer
from xprotect_simulator import Simulator

UPPER, LOWER = (f"0a000000-0000-4000-8000-00000000000{one}" for one in "12")


def row(group_id: str) -> dict[str, str]:
    """Return a group as the server writes it."""
    return {"id": group_id.upper(), "displayName": group_id[-1]}


@pytest.mark.parametrize("lists_all", [True, False])
async def test_a_group_has_the_names_of_all_groups_around_it(
    sim: Simulator, client: XProtectClient, *, lists_all: bool
) -> None:
    """Whether lists contain nested groups is not documented."""
    if not lists_all:
        sim.faults.enable("upper_groups")
    found = {one.path: one for one in await read_groups(client.configuration)}
    assert sorted(found) == [
        "Cameras 1-6",
        "Gates",
        "Perimeter",
        "Perimeter / Entrances",
        "Sirens",
    ]
    assert all(not one.members for one in found.values())


async def test_only_wanted_groups_and_those_below_them_are_read(
    sim: Simulator, client: XProtectClient
) -> None:
    """A large site has hundreds of groups."""
    perimeter = sim.world.named("Perimeter").id
    found = await read_groups(client.configuration, {perimeter})
    members = members_of(found, {perimeter})
    cameras = sim.world.cameras[:3]
    assert {str(one) for one in members} == {one.path for one in cameras}
    asked = [one.path for one in sim.requests if one.path.endswith("/cameras")]
    assert len(asked) == 2
    areas = areas_of(found, {perimeter, sim.world.named("Entrances").id})
    assert sorted(areas.values()) == ["Entrances", "Entrances", "Perimeter"]


async def test_groups_that_contain_each_other_are_read_once(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """A broken server must not cause endless requests."""
    lists = {
        "cameraGroups": [row(UPPER)],
        f"cameraGroups/{UPPER}/cameraGroups": [row(LOWER), row(UPPER)],
        f"cameraGroups/{LOWER}/cameraGroups": [row(UPPER)],
        f"cameraGroups/{UPPER}/cameras": [],
    }
    for path, rows in lists.items():
        server.answer_rest("GET", path, {"array": rows})
    found = await read_groups(scripted.configuration, {UPPER})
    assert sorted(one.id for one in found) == [UPPER, LOWER]
    assert not members_of(found, {UPPER})


async def test_the_number_of_nested_groups_is_limited(
    client: XProtectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each group costs a request."""
    monkeypatch.setattr(groups, "MAX_GROUPS", 2)
    assert len(await read_groups(client.configuration)) == 2


async def test_wanted_groups_that_are_not_listed_keep_their_members(
    sim: Simulator, client: XProtectClient
) -> None:
    """Roles that lose rights get empty lists, not refusals."""
    before = await read_groups(client.configuration)
    wanted = {one.id for one in before if one.name in {"Gates", "Sirens"}}
    sim.faults.enable("empty_lists:inputeventgroups")
    found = await read_groups(client.configuration)
    now = kept(before, found, wanted, lambda _: False)
    assert {one.name: one.is_listed for one in now if one.id in wanted} == {
        "Gates": False,
        "Sirens": True,
    }
    sim.faults.enable("server_error:503")
    with pytest.raises(UnavailableError):
        await read_groups(client.configuration)
