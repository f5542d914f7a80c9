"""The steps of a set-up that show the rights of the user."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from .area_step import AreaStep
from .flow_schemas import needs_attention, rights_schema
from .sanitize import sanitize


class RightsStep(AreaStep):
    """Shows the user's rights if one is missing, or if there are too many."""

    async def show_missing_rights(self) -> ConfigFlowResult:
        """Show the rights of the site that was found, or go to the next step."""
        rights = self.found_site.rights
        if rights is None or not needs_attention(rights):
            return await self.async_step_areas()
        if rights.is_administrator:
            return await self.async_step_administrator()
        return await self.async_step_rights()

    async def async_step_rights(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the rights of the user, because one is missing."""
        return await self._show_rights("rights", user_input)

    async def async_step_administrator(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Advise against using an administrator."""
        return await self._show_rights("administrator", user_input)

    async def _show_rights(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        found = self.found_site
        if user_input is not None or found.rights is None:
            return await self.async_step_areas()
        return self.async_show_form(
            step_id=step_id,
            data_schema=rights_schema(found.rights),
            description_placeholders={"name": sanitize(found.site.name)},
        )
