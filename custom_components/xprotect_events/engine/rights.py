"""Reads the user's rights in XProtect (protocol §3.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..api import (
    REFUSED_REQUESTS,
    Configuration,
    EffectivePermissions,
    Resource,
    SecurityNamespace,
)


class Ability(StrEnum):
    """The rights that the integration needs."""

    SEE_CAMERAS = "see_cameras"
    TRIGGER_EVENTS = "trigger_events"
    PLAY_BACK = "play_back"
    SWITCH_OUTPUTS = "switch_outputs"
    MOVE_CAMERAS = "move_cameras"


# The resource, and a word in the name of the action. The names are those of the
# role's dialog; only some are public (protocol §3.4), so a part of the name is
# compared. An object that may be seen is in the answer, with any mask.
_ACTIONS: Mapping[Ability, tuple[Resource, str | None]] = {
    Ability.SEE_CAMERAS: (Resource.CAMERAS, None),
    Ability.TRIGGER_EVENTS: (Resource.USER_DEFINED_EVENTS, "TRIGGER"),
    Ability.PLAY_BACK: (Resource.CAMERAS, "PLAYBACK"),
    Ability.MOVE_CAMERAS: (Resource.CAMERAS, "PTZ"),
    Ability.SWITCH_OUTPUTS: (Resource.OUTPUTS, "ACTIVATE"),
}


# The namespace of cameras has the same id everywhere (protocol §3.4).
CAMERA_NAMESPACE = "623d03f8-c5d5-46bc-a2f4-4c03562d4f85"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The abilities of the user; those in neither set are unknown.

    `cameras` are the permissions for each camera, `None` if the server lists none.
    """

    is_administrator: bool
    granted: frozenset[Ability] = frozenset()
    missing: frozenset[Ability] = frozenset()
    cameras: EffectivePermissions | None = None


async def read_rights(configuration: Configuration) -> Rights | None:
    """Return the user's rights, `None` if the server does not report them.

    Servers before 2024 R2 do not. Raises any other `ApiError`.
    """
    try:
        cameras = await configuration.permissions(CAMERA_NAMESPACE)
    except REFUSED_REQUESTS:
        cameras = None
    if cameras is not None and cameras.is_administrator:
        everything = frozenset(Ability)
        return Rights(is_administrator=True, granted=everything, cameras=cameras)
    try:
        namespaces = await configuration.security_namespaces()
        return await _read(configuration, namespaces, cameras)
    except REFUSED_REQUESTS:
        # Without it, the meaning of the bits of a mask is unknown.
        if cameras is None:
            return None
        return Rights(is_administrator=False, cameras=cameras)


async def _read(
    configuration: Configuration,
    namespaces: tuple[SecurityNamespace, ...],
    cameras: EffectivePermissions | None,
) -> Rights:
    permissions = {} if cameras is None else {CAMERA_NAMESPACE: cameras}
    granted: set[Ability] = set()
    missing: set[Ability] = set()
    for ability, (resource, word) in _ACTIONS.items():
        namespace = next((one for one in namespaces if resource in one.resources), None)
        if namespace is None:
            continue
        if namespace.id not in permissions:
            permissions[namespace.id] = await configuration.permissions(namespace.id)
        is_granted = _is_granted(namespace, permissions[namespace.id], word)
        if is_granted is not None:
            (granted if is_granted else missing).add(ability)
    return Rights(
        is_administrator=False,
        granted=frozenset(granted),
        missing=frozenset(missing),
        cameras=cameras,
    )


def _is_granted(
    namespace: SecurityNamespace, permissions: EffectivePermissions, word: str | None
) -> bool | None:
    """Whether the user has the right on at least one object, `None` if unknown."""
    if word is None:
        return bool(permissions.masks)
    bits = 0
    for name, mask in namespace.masks.items():
        if word in name:
            bits |= mask
    if not bits:
        return None
    return any(mask & bits for mask in permissions.masks.values())
