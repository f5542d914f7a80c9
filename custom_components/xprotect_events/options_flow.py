"""The options flow of a site."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio as vol

from .api import Source
from .const import (
    CONF_ALARMS,
    CONF_CATCH_UP_HOURS,
    CONF_DELIVERY,
    CONF_LIVE_VIEW,
    CONF_MISSED_EVENTS,
    CONF_PICTURES,
    CONF_POLL_INTERVAL,
    CONF_PTZ_PRESETS,
    CONF_RECORDER_ADDRESSES,
    CONF_RECORDER_CERTIFICATES,
    CONF_STATE_GROUPS,
    CONF_SWITCH_OUTPUTS,
    DEFAULT_CATCH_UP_HOURS,
    DEFAULT_POLL_INTERVAL,
    DELIVERY_AUTO,
    DELIVERY_POLL,
    MISSED_FIRE,
    MISSED_IGNORE,
    PICTURES_GATEWAY,
    PICTURES_OFF,
    PICTURES_RECORDERS,
)
from .devices import identifier
from .engine.inventory import SiteInventory
from .engine.storage_check import Verdict
from .group_names import async_read_group_names
from .option_choices import (
    GROUP_CHOICES,
    SOURCE_CHOICES,
    TYPE_CHOICES,
    Named,
    choices,
    device_groups,
    event_types,
    recorder_states,
    sources,
)
from .picture_steps import PictureSteps
from .storage_sensor import names_by_verdict

# Seconds; a coordinator cannot poll faster than once a second.
POLL_INTERVALS = (1, 20)
# Stands for an empty list.
NONE = "—"
# The options of the second form.
RECORDER_OPTIONS = (CONF_RECORDER_ADDRESSES, CONF_RECORDER_CERTIFICATES)
# The limits in hours: a week at most, because automations do not need older events.
CATCH_UP_HOURS = (0, 168)


class XProtectOptionsFlow(PictureSteps):
    """Asks which events to deliver and how, and for the options of pictures."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show and store the options."""
        if user_input is not None:
            # Keep the options of the other form, even while pictures are off.
            kept = {
                key: value
                for key, value in self.config_entry.options.items()
                if key in RECORDER_OPTIONS
            }
            self.wanted = {**kept, **user_input}
            if user_input[CONF_PICTURES] == PICTURES_OFF:
                return self.store()
            return await self.async_step_pictures()
        groups = await self._async_groups()
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                self._schema(groups), self.config_entry.options
            ),
            description_placeholders=self._storage(),
        )

    async def _async_groups(self) -> Mapping[str, Named]:
        """Return the groups to choose from: the current ones and the known ones."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return {}
        runtime = entry.runtime_data
        found = await async_read_group_names(runtime.client.configuration)
        return device_groups(runtime.inventory.data.groups) | device_groups(found)

    def _storage(self) -> dict[str, str]:
        """Return placeholders that list which event types XProtect stores."""
        entry = self.config_entry
        found = dict.fromkeys(Verdict, NONE)
        if entry.state is ConfigEntryState.LOADED:
            for verdict, names in names_by_verdict(entry.runtime_data).items():
                found[verdict] = ", ".join(names) or NONE
        return {verdict.value: names for verdict, names in found.items()}

    def _schema(self, groups: Mapping[str, Named]) -> vol.Schema:
        entry = self.config_entry
        inventory: SiteInventory | None = None
        states: Mapping[str, Named] = {}
        if entry.state is ConfigEntryState.LOADED:
            inventory = entry.runtime_data.inventory.data
            states = recorder_states(entry.runtime_data.inventory.catalog)
        types = event_types(inventory)

        return vol.Schema(
            {
                **{
                    one: self._several(one.schema, types)
                    for one in _empty(TYPE_CHOICES)
                },
                **{
                    one: self._places(one.schema, inventory)
                    for one in _empty(SOURCE_CHOICES)
                },
                **{
                    one: self._several(one.schema, groups)
                    for one in _empty(GROUP_CHOICES)
                },
                vol.Required(CONF_PICTURES, default=PICTURES_OFF): _choose_one(
                    CONF_PICTURES, PICTURES_OFF, PICTURES_GATEWAY, PICTURES_RECORDERS
                ),
                vol.Required(CONF_DELIVERY, default=DELIVERY_AUTO): _choose_one(
                    CONF_DELIVERY, DELIVERY_AUTO, DELIVERY_POLL
                ),
                vol.Required(
                    CONF_POLL_INTERVAL, default=DEFAULT_POLL_INTERVAL
                ): _whole_number(POLL_INTERVALS, "s"),
                vol.Required(CONF_MISSED_EVENTS, default=MISSED_FIRE): _choose_one(
                    CONF_MISSED_EVENTS, MISSED_FIRE, MISSED_IGNORE
                ),
                vol.Required(
                    CONF_CATCH_UP_HOURS, default=DEFAULT_CATCH_UP_HOURS
                ): _whole_number(CATCH_UP_HOURS, "h"),
                vol.Required(CONF_ALARMS, default=False): BooleanSelector(),
                vol.Required(CONF_LIVE_VIEW, default=False): BooleanSelector(),
                vol.Required(CONF_SWITCH_OUTPUTS, default=False): BooleanSelector(),
                vol.Required(CONF_PTZ_PRESETS, default=False): BooleanSelector(),
                vol.Optional(CONF_STATE_GROUPS, default=[]): self._several(
                    CONF_STATE_GROUPS, states
                ),
            }
        )

    def _several(self, option: str, known: Mapping[str, Named]) -> SelectSelector:
        chosen = self.config_entry.options.get(option, ())
        return _choose_several(choices(known, chosen))

    def _places(self, option: str, inventory: SiteInventory | None) -> SelectSelector:
        if inventory is not None:
            return self._several(option, sources(inventory))
        chosen = self.config_entry.options.get(option, [])
        return self._several(option, self._names_of_devices(chosen))

    def _names_of_devices(self, chosen: list[str]) -> dict[str, Named]:
        """Return the names of selected sources from the device registry."""
        entry = self.config_entry
        registry = dr.async_get(self.hass)
        named = {}
        for path in chosen:
            source = Source.parse(path)
            device = registry.async_get_device_by_identifier(
                identifier(entry.unique_id or "", source), entry.entry_id
            )
            if device is not None and device.name:
                named[path] = Named(name=device.name, kind=source.resource or "")
        return named


def _empty(options: Iterable[str]) -> Iterator[vol.Optional]:
    return (vol.Optional(one, default=[]) for one in options)


def _choose_several(options: list[SelectOptionDict]) -> SelectSelector:
    # Not a list of boxes: a large site has 600 event types and 2,500 cameras.
    return SelectSelector(
        SelectSelectorConfig(
            options=options,
            multiple=True,
            custom_value=False,
            mode=SelectSelectorMode.DROPDOWN,
            sort=True,
        )
    )


def _choose_one(key: str, *options: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(options=list(options), translation_key=key)
    )


def _whole_number(limits: tuple[int, int], unit: str) -> vol.All[int]:
    # The selector returns floats, which would be stored and shown as such.
    return vol.All(
        NumberSelector(
            NumberSelectorConfig(
                min=limits[0],
                max=limits[1],
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=unit,
            )
        ),
        vol.Coerce(int),
    )
