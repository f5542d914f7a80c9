"""The Configuration API: the permissions of a role, by security namespace."""

from collections.abc import Mapping

from aiohttp import web

from ..errors import bad_request
from ..happening.world import World
from ..identifiers import is_guid
from ..sign_in.users import Principal
from ..site.security import READ, SecurityNamespace
from ..wire import json_response
from .forms import Record


def namespace_to_wire(namespace: SecurityNamespace) -> Record:
    """Return the record of a security namespace with its actions."""
    return {
        "displayName": namespace.name,
        "id": namespace.id,
        "name": namespace.resource,
        "resourceTypes": namespace.resource,
        "structure": 0,
        "userDefined": False,
        "securityActions": [
            {
                "name": action,
                "displayName": namespace.display_name(action),
                "securityMask": namespace.mask(action),
                "visible": True,
            }
            for action in namespace.actions
        ],
        "relations": {"self": {"type": "securityNamespaces", "id": namespace.id}},
    }


def effective_permissions(
    world: World, principal: Principal, rest: list[str], query: Mapping[str, str]
) -> web.Response:
    """Return the permissions of the caller on a namespace. Raises ApiError.

    Administrators get no objects, other users get those that they may see.
    """
    namespace = next(
        (one for one in world.security_namespaces if [one.id] == rest), None
    )
    if namespace is None:
        text = f"Invalid id. {'/'.join(rest)}"
        raise bad_request(text)
    wanted = [one.lower() for one in query.get("objectIds", "").split(",") if one]
    if not all(is_guid(one) for one in wanted):
        text = f"Invalid objectIds. {query['objectIds']}"
        raise bad_request(text)
    rows = [
        {"id": item.id, "mask": _mask(principal, namespace)}
        for item in world.items(namespace.resource)
        if not principal.is_administrator
        and principal.may_see(item.path)
        and (not wanted or item.id in wanted)
    ]
    answer = {
        "id": namespace.id,
        "isAdministrator": principal.is_administrator,
        "objectPermissions": rows,
    }
    return json_response({"data": answer})


def _mask(principal: Principal, namespace: SecurityNamespace) -> int:
    mask = namespace.mask(READ)
    for action in namespace.actions:
        if principal.may(namespace.resource, action):
            mask |= namespace.mask(action)
    return mask
