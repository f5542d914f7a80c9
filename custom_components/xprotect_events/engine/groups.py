"""Groups of cameras, inputs and outputs in XProtect, which can be nested."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ..api import (
    GROUPED,
    REFUSED_REQUESTS,
    Configuration,
    GroupName,
    Source,
)

# Groups to read, each with one request. Large sites have a group for every building.
MAX_GROUPS = 500
BETWEEN = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGroup:
    """A group with its path of names, such as `Perimeter / Entrances`.

    `members` are the paths of the devices in it and in the groups below, read only for
    wanted groups. `is_listed` is false if the last reading did not have the group.
    """

    id: str
    kind: str
    name: str
    path: str
    parent_id: str | None = None
    members: tuple[str, ...] = ()
    is_listed: bool = True


async def read_groups(
    configuration: Configuration, wanted: Collection[str] = ()
) -> tuple[DeviceGroup, ...]:
    """Read the groups, and the members of the wanted ones.

    What the user may not read is left out. Raises any other `ApiError`.
    """
    groups: dict[str, DeviceGroup] = {}
    for kind in GROUPED:
        groups |= await _read_tree(configuration, kind, MAX_GROUPS - len(groups))
    members = {
        one: await _read_members(configuration, groups[one])
        for one in _with_below(groups, wanted)
    }
    return tuple(
        replace(group, members=_all_members(group.id, groups, members))
        for group in groups.values()
    )


def kept(
    before: Iterable[DeviceGroup],
    now: Iterable[DeviceGroup],
    wanted: Collection[str],
    is_missing: Callable[[Source], bool],
) -> tuple[DeviceGroup, ...]:
    """Keep wanted groups that the last reading lacks: rights may have been removed.

    Likewise members for which `is_missing` is true: they are in no list any more, so it
    is not known that they have left the group.
    """
    found = {group.id: group for group in now}
    for group in before:
        if group.id not in wanted:
            continue
        listed = found.get(group.id)
        if listed is None:
            found[group.id] = replace(group, is_listed=False)
            continue
        hidden = [one for one in group.members if is_missing(Source.parse(one))]
        members = tuple(dict.fromkeys((*listed.members, *hidden)))
        found[group.id] = replace(listed, members=members)
    return tuple(found.values())


async def _read_tree(
    configuration: Configuration, kind: str, room: int
) -> dict[str, DeviceGroup]:
    """Read the groups of a kind, whether the list has all of them or the upper ones."""
    try:
        names = {one.id: one for one in await configuration.groups(kind)}
    except REFUSED_REQUESTS:
        return {}
    parents: dict[str, str] = {}
    waiting = list(names)
    for group_id in waiting[:room]:
        for below in await _below(configuration, kind, group_id):
            if below.id not in names and len(names) < room:
                names[below.id] = below
                waiting.append(below.id)
            if below.id != group_id:
                parents.setdefault(below.id, group_id)
    found = {}
    for group_id in waiting[:room]:
        path = BETWEEN.join(names[one].name for one in _line(group_id, parents))
        found[group_id] = DeviceGroup(
            id=group_id,
            kind=kind,
            name=names[group_id].name,
            path=path,
            parent_id=parents.get(group_id),
        )
    return found


async def _below(
    configuration: Configuration, kind: str, group_id: str
) -> tuple[GroupName, ...]:
    try:
        return await configuration.groups(kind, group_id)
    except REFUSED_REQUESTS:
        return ()


async def _read_members(
    configuration: Configuration, group: DeviceGroup
) -> tuple[str, ...]:
    try:
        found = await configuration.group_members(group.kind, group.id)
    except REFUSED_REQUESTS:
        return ()
    return tuple(str(device.source) for device in found)


def _line(group_id: str, parents: Mapping[str, str]) -> list[str]:
    """Return a group with all groups around it, the outermost first."""
    line = [group_id]
    # The groups of a server may contain each other in a ring.
    while (above := parents.get(line[0])) is not None and above not in line:
        line.insert(0, above)
    return line


def _with_below(
    groups: Mapping[str, DeviceGroup], wanted: Collection[str]
) -> frozenset[str]:
    parents = {one.id: one.parent_id for one in groups.values() if one.parent_id}
    return frozenset(
        one for one in groups if not {*_line(one, parents)}.isdisjoint(wanted)
    )


def _all_members(
    group_id: str,
    groups: Mapping[str, DeviceGroup],
    members: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    below = sorted(_with_below(groups, {group_id}) & members.keys())
    return tuple(dict.fromkeys(path for one in below for path in members[one]))


def members_of(
    groups: Iterable[DeviceGroup], chosen: Collection[str]
) -> frozenset[Source]:
    """Return the members of the chosen groups."""
    return frozenset(
        Source.parse(path)
        for group in groups
        if group.id in chosen
        for path in group.members
    )


def areas_of(
    groups: Iterable[DeviceGroup], chosen: Collection[str]
) -> Mapping[Source, str]:
    """Return the area of each member: the innermost chosen group names it."""
    areas: dict[Source, str] = {}
    by_depth = sorted(groups, key=lambda one: one.path.count(BETWEEN), reverse=True)
    for group in by_depth:
        if group.id in chosen:
            for path in group.members:
                areas.setdefault(Source.parse(path), group.name)
    return areas
