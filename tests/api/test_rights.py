"""The rights of a user, read from documented answers."""

from typing import Any

import pytest

from custom_components.xprotect_events.api import (
    EffectivePermissions,
    SecurityNamespace,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.engine.rights import Ability, read_rights
from tests.api.servers import ScriptedServer
from xprotect_simulator import Simulator
from xprotect_simulator.site.security import ACTIVATE, PLAYBACK, PTZ, READ, TRIGGER

CAMERAS = "623D03F8-C5D5-46BC-A2F4-4C03562D4F85"
CAMERA = "e028f597-c64b-4f27-bb8d-08f5cd768e1c"
HIGHEST_BIT = 1 << 63


def namespace(**changes: object) -> dict[str, Any]:
    """Return a documented row of /securityNamespaces."""
    return {
        "id": CAMERAS,
        "name": "Cameras",
        "displayName": "Cameras",
        "resourceTypes": "cameras",
        "userDefined": False,
        "securityActions": [
            {"name": "GENERIC_READ", "securityMask": 1},
            {"name": "PLAYBACK", "securityMask": HIGHEST_BIT},
        ],
        **changes,
    }


@pytest.mark.parametrize("is_wrapped", [True, False])
@pytest.mark.parametrize("mask", [HIGHEST_BIT, str(HIGHEST_BIT)])
def test_masks_are_read_in_every_documented_form(
    mask: object, *, is_wrapped: bool
) -> None:
    """Documentation and sample disagree, and 64 bits do not fit a JSON number."""
    body = {
        "id": CAMERAS,
        "isAdministrator": False,
        "objectPermissions": [{"id": CAMERA.upper(), "mask": mask}],
    }
    found = EffectivePermissions.from_wire(
        {"data": body} if is_wrapped else body, "permissions"
    )
    assert found.masks == {CAMERA: HIGHEST_BIT}
    assert not found.is_administrator


def test_an_invalid_mask_grants_nothing() -> None:
    """A broken row must not allow anybody to open a gate."""
    masks: tuple[object, ...] = (None, "x", "9" * 30, 1.5, [])
    for mask in masks:
        row = {"id": CAMERA, "mask": mask}
        body = {"isAdministrator": False, "objectPermissions": [row]}
        found = EffectivePermissions.from_wire(body, "permissions")
        assert found.masks == {CAMERA: 0}


@pytest.mark.parametrize("key", ["resourceTypes", "resourceType"])
def test_a_namespace_has_the_names_of_its_resources(key: str) -> None:
    """The field has two names, and may contain several resources."""
    row = namespace(**{"resourceTypes": None, key: "cameras, microphones"})
    found = SecurityNamespace.from_wire(row, "namespace")
    assert found.resources == {"cameras", "microphones"}
    assert found.masks == {"GENERIC_READ": 1, "PLAYBACK": HIGHEST_BIT}


@pytest.mark.parametrize(
    ("resource", "action", "missing"),
    [
        (
            "cameras",
            READ,
            {Ability.SEE_CAMERAS, Ability.PLAY_BACK, Ability.MOVE_CAMERAS},
        ),
        ("cameras", PTZ, {Ability.MOVE_CAMERAS}),
        ("cameras", PLAYBACK, {Ability.PLAY_BACK}),
        ("outputs", ACTIVATE, {Ability.SWITCH_OUTPUTS}),
        ("userDefinedEvents", TRIGGER, {Ability.TRIGGER_EVENTS}),
        ("hardware", READ, set[Ability]()),
    ],
)
async def test_each_right_is_found_missing(
    sim: Simulator,
    client: XProtectClient,
    resource: str,
    action: str,
    missing: set[Ability],
) -> None:
    """Users need the name to ask their administrator for it."""
    sim.identity.deny(resource, action)
    rights = await read_rights(client.configuration)
    assert rights is not None
    assert rights.missing == missing
    assert rights.granted == set(Ability) - missing
    assert not rights.is_administrator


async def test_an_administrator_may_do_everything(
    sim: Simulator, client: XProtectClient
) -> None:
    """Even though the answer lists no object."""
    sim.identity.user().is_administrator = True
    rights = await read_rights(client.configuration)
    assert rights is not None
    assert rights.is_administrator
    assert rights.granted == set(Ability)


async def test_an_action_that_the_server_does_not_name_is_not_known(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Neither granted nor missing: no text may name a right that does not exist."""
    row = namespace(securityActions=[{"name": "GENERIC_READ", "securityMask": 1}])
    server.answer_rest("GET", "securityNamespaces", {"array": [row]})
    body = {"isAdministrator": False, "objectPermissions": [{"id": CAMERA, "mask": 1}]}
    server.answer_rest("GET", f"effectivePermissions/{CAMERAS.lower()}", body)
    rights = await read_rights(scripted.configuration)
    assert rights is not None
    assert rights.granted == {Ability.SEE_CAMERAS}
    assert not rights.missing


async def test_rights_are_unknown_if_the_server_does_not_list_them(
    sim: Simulator, client: XProtectClient
) -> None:
    """Servers before 2024 R2 do not list them, and some roles may not read them."""
    sim.identity.forbid("securityNamespaces")
    rights = await read_rights(client.configuration)
    # The meaning of the bits is unknown, but changes of a camera's bits are visible.
    assert rights is not None
    assert rights.cameras is not None
    assert not rights.granted | rights.missing
    sim.identity.forbid("effectivePermissions")
    assert await read_rights(client.configuration) is None
    sim.identity.allow("securityNamespaces")
    sim.faults.enable("server_error:503")
    with pytest.raises(UnavailableError):
        await read_rights(client.configuration)
