"""Setting up a site in the user interface."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.core import callback

from .api import parse_address
from .const import DOMAIN
from .engine.rights import Rights
from .flow_schemas import (
    REAUTH_SCHEMA,
    needs_attention,
    rights_schema,
    site_schema,
    to_entry_data,
    to_form,
    without_password,
)
from .options_flow import XProtectOptionsFlow
from .refusal_store import RefusalStore
from .site_check import (
    BASE,
    SECTION_ADVANCED,
    FoundSite,
    Problem,
    async_check_site,
    refused,
)


class XProtectConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks for address and user, and makes sure that they work."""

    VERSION = 1

    # Of a site that was found, until its entry is made.
    _name: str
    _data: dict[str, Any]
    _rights: Rights

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> XProtectOptionsFlow:
        """Return the flow for the options."""
        return XProtectOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up a site."""
        problem: Problem | None = None
        if user_input is not None:
            data = to_entry_data(user_input)
            found = await self._async_check(data)
            if isinstance(found, FoundSite):
                self._abort_if_unique_id_configured()
                self._name, self._data = found.site.name, _tidy(data)
                if found.rights is not None and needs_attention(found.rights):
                    self._rights = found.rights
                    if found.rights.is_administrator:
                        return await self.async_step_administrator()
                    return await self.async_step_rights()
                return self._create_entry()
            problem = found
        return self._show_site_form("user", user_input or {}, problem)

    async def async_step_rights(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what the user may do, where something is missing."""
        return self._show_rights("rights", user_input)

    async def async_step_administrator(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Advise against a user who may do everything."""
        return self._show_rights("administrator", user_input)

    def _show_rights(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is not None:
            return self._create_entry()
        return self.async_show_form(
            step_id=step_id,
            data_schema=rights_schema(self._rights),
            description_placeholders={"name": self._name},
        )

    def _create_entry(self) -> ConfigFlowResult:
        return self.async_create_entry(title=self._name, data=self._data)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how a site is reached."""
        entry = self._get_reconfigure_entry()
        problem: Problem | None = None
        if user_input is not None:
            password = user_input.get(CONF_PASSWORD) or entry.data[CONF_PASSWORD]
            data = to_entry_data({**user_input, CONF_PASSWORD: password})
            found = await self._async_check(data)
            if isinstance(found, FoundSite):
                self._abort_if_unique_id_mismatch()
                await RefusalStore(self.hass, entry.entry_id).forget()
                return self.async_update_reload_and_abort(entry, data=_tidy(data))
            problem = found
        form = to_form(entry.data) if user_input is None else user_input
        return self._show_site_form("reconfigure", form, problem, name=entry.title)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin to ask for a user that works."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a user that works, and say what was wrong with the last one."""
        entry = self._get_reauth_entry()
        refusals = RefusalStore(self.hass, entry.entry_id)
        form: Mapping[str, Any] = {CONF_USERNAME: entry.data[CONF_USERNAME]}
        problem: Problem | None = None
        if user_input is not None:
            form = user_input
            found = await self._async_check({**entry.data, **user_input})
            if isinstance(found, FoundSite):
                self._abort_if_unique_id_mismatch()
                await refusals.forget()
                return self.async_update_reload_and_abort(
                    entry, data_updates=user_input
                )
            problem = found
        elif (refusal := await refusals.load()) is not None:
            problem = refused(refusal, entry.data)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                REAUTH_SCHEMA, without_password(form)
            ),
            # Not at a field: the one that is to blame may not be in this form.
            errors={BASE: problem.key} if problem else {},
            description_placeholders={
                "name": entry.title,
                **(problem.placeholders if problem else {}),
            },
        )

    async def _async_check(self, data: Mapping[str, Any]) -> FoundSite | Problem:
        found = await async_check_site(self.hass, data)
        if isinstance(found, FoundSite):
            await self.async_set_unique_id(found.site.id)
        return found

    def _show_site_form(
        self,
        step_id: str,
        form: Mapping[str, Any],
        problem: Problem | None,
        **facts: str,
    ) -> ConfigFlowResult:
        has_advanced = bool(form.get(SECTION_ADVANCED))
        is_advanced = problem is not None and problem.at == SECTION_ADVANCED
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                site_schema(
                    keeps_password=step_id == "reconfigure",
                    shows_advanced=has_advanced or is_advanced,
                ),
                without_password(form),
            ),
            errors={problem.at: problem.key} if problem else {},
            description_placeholders={
                **facts,
                **(problem.placeholders if problem else {}),
            },
        )


def _tidy(data: Mapping[str, Any]) -> dict[str, Any]:
    """Spell the address one way, and leave out a certificate that was emptied."""
    address = str(parse_address(data[CONF_URL])).rstrip("/")
    return {key: value for key, value in data.items() if value != ""} | {
        CONF_URL: address
    }
