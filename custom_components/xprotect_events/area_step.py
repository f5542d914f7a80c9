"""The step of a set-up that offers XProtect's groups as areas."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult

from .const import CONF_AREA_GROUPS
from .flow_schemas import areas_schema
from .group_names import async_read_group_names
from .sanitize import sanitize
from .site_check import FoundSite


class AreaStep(ConfigFlow):
    """Asks which groups are places, before any device exists."""

    # The site, until its entry is created.
    found_site: FoundSite
    # The groups that become areas.
    areas: Sequence[str] = ()

    @abstractmethod
    async def read_lists(self) -> ConfigFlowResult:
        """Continue the set-up."""

    async def async_step_areas(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the groups of the site as areas of the devices in them."""
        if user_input is not None:
            self.areas = user_input.get(CONF_AREA_GROUPS, ())
            return await self.read_lists()
        client = self.found_site.client
        groups = await async_read_group_names(client.configuration)
        if not groups:
            return await self.read_lists()
        return self.async_show_form(
            step_id="areas",
            data_schema=areas_schema(groups),
            description_placeholders={"name": sanitize(self.found_site.site.name)},
        )
