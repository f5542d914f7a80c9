"""The options of a site."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
)
import probatio as vol

from .const import (
    CONF_CATCH_UP_HOURS,
    CONF_DELIVERY,
    CONF_MISSED_EVENTS,
    CONF_POLL_INTERVAL,
    DEFAULT_CATCH_UP_HOURS,
    DEFAULT_POLL_INTERVAL,
    DELIVERY_AUTO,
    DELIVERY_POLL,
    MISSED_FIRE,
    MISSED_IGNORE,
)

# Seconds; a coordinator cannot poll faster than once a second.
POLL_INTERVALS = (1, 20)
# A week: what is older is history that nobody reacts to.
CATCH_UP_HOURS = (0, 168)

OPTIONS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_DELIVERY, default=DELIVERY_AUTO): SelectSelector(
            SelectSelectorConfig(
                options=[DELIVERY_AUTO, DELIVERY_POLL],
                translation_key=CONF_DELIVERY,
            )
        ),
        vol.Required(CONF_POLL_INTERVAL, default=DEFAULT_POLL_INTERVAL): NumberSelector(
            NumberSelectorConfig(
                min=POLL_INTERVALS[0],
                max=POLL_INTERVALS[1],
                mode=NumberSelectorMode.BOX,
                unit_of_measurement="s",
            )
        ),
        vol.Required(CONF_MISSED_EVENTS, default=MISSED_FIRE): SelectSelector(
            SelectSelectorConfig(
                options=[MISSED_FIRE, MISSED_IGNORE],
                translation_key=CONF_MISSED_EVENTS,
            )
        ),
        vol.Required(
            CONF_CATCH_UP_HOURS, default=DEFAULT_CATCH_UP_HOURS
        ): NumberSelector(
            NumberSelectorConfig(
                min=CATCH_UP_HOURS[0],
                max=CATCH_UP_HOURS[1],
                mode=NumberSelectorMode.BOX,
                unit_of_measurement="h",
            )
        ),
    }
)


class XProtectOptionsFlow(OptionsFlowWithReload):
    """Asks how events are delivered."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show and store the options."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, self.config_entry.options
            ),
        )
