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
async def test_a_group_bears_the_names_of_all_that_it_is_in(
    sim: Simulator, client: XProtectClient, *, lists_all: bool
) -> None:
    """Whether the list has those in others is not documented."""
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


async def test_what_is_in_a_wanted_group_and_below_is_read_and_nothing_else(
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


async def test_groups_that_are_in_each_other_are_read_once(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """A server that is wrong about that must not hold us up."""
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


async def test_groups_without_end_are_given_up(
    client: XProtectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each costs a request."""
    monkeypatch.setattr(groups, "MAX_GROUPS", 2)
    assert len(await read_groups(client.configuration)) == 2


async def test_what_was_not_read_this_time_is_kept_while_it_is_wanted(
    sim: Simulator, client: XProtectClient
) -> None:
    """Roles that lose rights get empty lists, not refusals."""
    before = await read_groups(client.configuration)
    wanted = {one.id for one in before if one.name in {"Gates", "Sirens"}}
    sim.faults.enable("empty_lists:inputeventgroups")
    now = kept(before, await read_groups(client.configuration), wanted)
    assert {one.name: one.is_listed for one in now if one.id in wanted} == {
        "Gates": False,
        "Sirens": True,
    }
    sim.faults.enable("server_error:503")
    with pytest.raises(UnavailableError):
        await read_groups(client.configuration)
