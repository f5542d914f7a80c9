"""The Configuration API: creating, renaming and deleting user-defined events."""

from aiohttp import web

from ..bodies import body_of
from ..errors import bad_request, forbidden, not_found
from ..happening.world import World
from ..sign_in.users import Principal
from ..site.items import Item
from ..wire import json_response
from .records import item_to_wire


class ConfigurationChanges:
    """Answers POST, PUT, PATCH and DELETE."""

    def __init__(self, world: World) -> None:
        """Change the configuration of `world`."""
        self._world = world

    async def handle(
        self,
        request: web.Request,
        kind: str,
        rest: list[str],
        principal: Principal,
    ) -> web.Response:
        """Create, change or delete a user-defined event. Raises ApiError."""
        if not principal.is_administrator:
            raise forbidden()
        if kind != "userDefinedEvents":
            text = f"{request.method} is not supported on {kind}"
            raise bad_request(text)
        match request.method, rest:
            case "POST", []:
                item = self._world.add_user_defined_event(await _name_in(request))
                path = {"type": kind, "id": item.id}
                record = item_to_wire(self._world, item)
                created = {**record, "state": "Success", "path": path}
                return json_response({"result": created}, 201)
            case "PUT" | "PATCH", [item_id]:
                self._find(item_id)
                name = await _name_in(request)
                item = self._world.rename(f"{kind}/{item_id}", name)
                record = item_to_wire(self._world, item)
                return json_response({"data": record})
            case "DELETE", [item_id]:
                found = self._find(item_id)
                if found.extra["subtype"] == "System":
                    text = "This event belongs to the system"
                    raise bad_request(text)
                self._world.remove(f"{kind}/{item_id}")
                return json_response({"state": "Success"})
            case _:
                text = f"{request.method} is not supported here"
                raise bad_request(text)

    def _find(self, item_id: str) -> Item:
        item = self._world.find(f"userDefinedEvents/{item_id}")
        if item is None:
            raise not_found(f"userDefinedEvents/{item_id}")
        return item


async def _name_in(request: web.Request) -> str:
    body = await body_of(request)
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name.strip():
        text = "Property 'name' is required"
        raise bad_request(text, of_property="name")
    return name
