"""The rights of a role: reported by namespace, and enforced."""

import pytest

from xprotect_simulator import Simulator
from xprotect_simulator.site.security import (
    ACTIVATE,
    PLAYBACK,
    PTZ,
    READ,
    TRIGGER,
    SecurityNamespace,
)

from .client import Client


def namespace(sim: Simulator, resource: str) -> SecurityNamespace:
    """Return the namespace of a resource."""
    return next(
        one for one in sim.world.security_namespaces if one.resource == resource
    )


async def masks(client: Client, resource: str, **query: str) -> dict[str, int]:
    """Return what the caller may do with each object."""
    path = f"effectivePermissions/{namespace(client.sim, resource).id}"
    answer = await client.get(path, **query)
    assert answer.body["data"]["isAdministrator"] is False
    return {one["id"]: one["mask"] for one in answer.body["data"]["objectPermissions"]}


async def test_administrators_get_no_list_of_objects(client: Client) -> None:
    """They may do everything."""
    cameras = namespace(client.sim, "cameras")
    answer = await client.get(f"effectivePermissions/{cameras.id}")
    assert answer.body["data"] == {
        "id": cameras.id,
        "isAdministrator": True,
        "objectPermissions": [],
    }


async def test_other_users_get_the_objects_that_they_may_see(
    client: Client, sim: Simulator
) -> None:
    """With a bit for each allowed action."""
    sim.identity.deny("cameras", PLAYBACK)
    cameras = namespace(sim, "cameras")
    first, second, *_ = sim.world.cameras
    sim.identity.limit_sources([first.path, second.path])
    found = await masks(client, "cameras")
    assert found.keys() == {first.id, second.id}
    assert not found[first.id] & cameras.mask(PLAYBACK)
    assert found[first.id] & cameras.mask(READ)
    assert (await masks(client, "cameras", objectIds=second.id.upper())).keys() == {
        second.id
    }
    sim.identity.grant("cameras", PLAYBACK)
    found = await masks(client, "cameras")
    assert found[first.id] & cameras.mask(PLAYBACK)
    answer = await client.get(f"effectivePermissions/{cameras.id}", objectIds="x")
    assert answer.status == 400


async def test_forbidden_items_are_not_listed(client: Client, sim: Simulator) -> None:
    """The list is empty, instead of a refusal."""
    sim.identity.deny("cameras", READ)
    assert (await client.get("cameras")).body == {"array": []}
    assert (await client.get(f"cameras/{sim.world.cameras[0].id}")).status == 404
    assert await masks(client, "cameras") == {}


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_forbidden_actions_are_refused(
    client: Client, sim: Simulator, *, is_allowed: bool
) -> None:
    """Each right is for one action."""
    camera = next(one for one in sim.world.cameras if one.extra["ptz"])
    preset = sim.world.items("ptzPresets")[0]
    output = sim.world.items("outputs")[0]
    event = sim.world.named("Good night")
    sim.identity.user().is_administrator = False
    if not is_allowed:
        sim.identity.deny("cameras", PTZ)
        sim.identity.deny("outputs", ACTIVATE)
        sim.identity.deny("userDefinedEvents", TRIGGER)
    answers = [
        await client.post(f"cameras/{camera.id}/ptzPresets/{preset.id}?task=Goto", {}),
        await client.post(f"outputs/{output.id}?task=Activate", {}),
        await client.post("events", {"type": event.id}),
    ]
    expected = [200, 200, 202] if is_allowed else [403, 403, 403]
    assert [answer.status for answer in answers] == expected
