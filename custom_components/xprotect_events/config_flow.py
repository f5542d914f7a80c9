"""The config flow: set-up, reconfiguration and reauthentication of a site."""

import asyncio
from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import callback

from .const import CONF_AREA_GROUPS, DOMAIN
from .flow_schemas import (
    REAUTH_SCHEMA,
    site_schema,
    to_entry_data,
    to_form,
    without_password,
)
from .options_flow import XProtectOptionsFlow
from .refusal_store import RefusalStore
from .removed_entry import abort_if_removed
from .rights_step import RightsStep
from .sanitize import sanitize
from .site_check import (
    BASE,
    CERTIFICATE_CHANGED,
    PASSWORD_NEEDED,
    SECTION_ADVANCED,
    FoundSite,
    Problem,
    async_check_site,
    async_read_lists,
    refused,
)
from .typed_secrets import TypedSecrets, tidy

# Seconds. Most sites are read by then, and no progress has to be shown.
SHOWS_PROGRESS_AFTER = 1.5


class XProtectConfigFlow(RightsStep, domain=DOMAIN):
    """Asks for the address and the user, and checks them."""

    VERSION = 1

    # The last input; its password is never sent back to the form.
    _form: Mapping[str, Any]
    _data: dict[str, Any]
    _problem: Problem | None = None
    # Reads the lists of the site that was found.
    _reading: asyncio.Task[Problem | None] | None = None

    def __init__(self) -> None:
        """Start without input."""
        self._form = {}
        self._secrets = TypedSecrets()

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> XProtectOptionsFlow:
        """Return the flow for the options."""
        return XProtectOptionsFlow()

    @property
    def _form_step(self) -> str:
        """The step with the form for address and user."""
        return "reconfigure" if self.source == SOURCE_RECONFIGURE else "user"

    @property
    def _facts(self) -> Mapping[str, str]:
        """The placeholders of the last problem."""
        return self._problem.placeholders if self._problem else {}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up a site."""
        return await self._connect(user_input)

    @callback
    @override
    def _get_reconfigure_entry(self) -> ConfigEntry:
        with abort_if_removed():
            return super()._get_reconfigure_entry()

    @callback
    @override
    def _get_reauth_entry(self) -> ConfigEntry:
        with abort_if_removed():
            return super()._get_reauth_entry()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the address or the user of a site."""
        entry = self._get_reconfigure_entry()
        if not self._form:
            self._form, self._secrets = to_form(entry.data), TypedSecrets(entry)
        return await self._connect(user_input)

    async def _connect(self, user_input: Mapping[str, Any] | None) -> ConfigFlowResult:
        """Show the form, or check the input and go to the next step."""
        if user_input is None:
            return self._show_site_form()
        self._form = user_input
        data = self._secrets.complete(to_entry_data(user_input))
        if data is None:
            self._problem = Problem(key=PASSWORD_NEEDED, at=CONF_PASSWORD)
            return self._show_site_form()
        return await self._check(data)

    async def _check(self, data: dict[str, Any]) -> ConfigFlowResult:
        found = await self._async_check(data)
        self._data = data
        if isinstance(found, FoundSite):
            if self.source == SOURCE_RECONFIGURE:
                return await self._reconnected(found)
            return await self._found(found)
        return await self._show_problem(found)

    async def _show_problem(self, found: Problem) -> ConfigFlowResult:
        self._problem = found
        if found.is_refusal:
            self._secrets.forget_password()
        if not found.can_be_trusted:
            return self._show_site_form()
        if found.key == CERTIFICATE_CHANGED:
            return await self.async_step_certificate_changed()
        return await self.async_step_certificate()

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the server's certificate, and offer to trust only this one."""
        return self._show_certificate("certificate")

    async def async_step_certificate_changed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the server's certificate, which is not the trusted one."""
        return self._show_certificate("certificate_changed")

    def _show_certificate(self, step_id: str) -> ConfigFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["trust_certificate", self._form_step],
            description_placeholders=self._facts,
        )

    async def async_step_trust_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Trust only the certificate that was shown, and check again."""
        self._form = {**self._form, SECTION_ADVANCED: {}}
        trusting = self._secrets.trust(self._data, self._facts["fingerprint"])
        return await self._check(trusting)

    async def _found(self, found: FoundSite) -> ConfigFlowResult:
        self._abort_if_unique_id_configured()
        self.found_site = found
        return await self.show_missing_rights()

    async def _reconnected(self, found: FoundSite) -> ConfigFlowResult:
        self._abort_if_unique_id_mismatch()
        await RefusalStore(self.hass, self._reconfigure_entry_id).forget()
        return self.async_update_reload_and_abort(
            self._get_reconfigure_entry(), data=tidy(found.data)
        )

    @override
    async def read_lists(self) -> ConfigFlowResult:
        """Read the lists that the set-up needs, and wait for them a moment."""
        self._stop_reading()
        reading = async_read_lists(
            self.hass, self.found_site, self.async_update_progress
        )
        self._reading = self.hass.async_create_task(reading, f"{DOMAIN} lists")
        await asyncio.wait({self._reading}, timeout=SHOWS_PROGRESS_AFTER)
        if self._reading.done():
            return await self.async_step_create()
        return await self.async_step_lists()

    async def async_step_lists(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show how many of the lists were read."""
        if self._reading is None or self._reading.done():
            return self.async_show_progress_done(next_step_id="create")
        return self.async_show_progress(
            step_id="lists",
            progress_action="lists",
            progress_task=self._reading,
            description_placeholders={"name": sanitize(self.found_site.site.name)},
        )

    async def async_step_create(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Create the entry, or show why the lists could not be read."""
        if self._reading is None or self._reading.cancelled():
            # Another form has set up the same site meanwhile.
            return self.async_abort(reason="already_configured")
        if (problem := self._reading.result()) is not None:
            return await self._show_problem(problem)
        name, data = sanitize(self.found_site.site.name), tidy(self.found_site.data)
        options = {CONF_AREA_GROUPS: self.areas} if self.areas else {}
        return self.async_create_entry(title=name, data=data, options=options)

    @callback
    @override
    def async_remove(self) -> None:
        """Stop reading when the form is closed."""
        self._stop_reading()

    @callback
    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Start to ask for a user and password."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a user and password, and show why the last ones were refused."""
        entry = self._get_reauth_entry()
        refusals = RefusalStore(self.hass, entry.entry_id)
        form: Mapping[str, Any] = {CONF_USERNAME: entry.data[CONF_USERNAME]}
        problem: Problem | None = None
        if user_input is not None:
            form = to_entry_data(user_input)
            found = await self._async_check({**entry.data, **form})
            if isinstance(found, FoundSite):
                self._abort_if_unique_id_mismatch()
                await refusals.forget()
                return self.async_update_reload_and_abort(
                    self._get_reauth_entry(), data_updates=form
                )
            problem = found
        elif (refusal := await refusals.load()) is not None:
            problem = refused(refusal, entry.data)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                REAUTH_SCHEMA, without_password(form)
            ),
            # Not at a field: the form may not have the wrong one.
            errors={BASE: problem.key} if problem else {},
            description_placeholders={
                "name": sanitize(entry.title),
                **(problem.placeholders if problem else {}),
            },
        )

    async def _async_check(self, data: Mapping[str, Any]) -> FoundSite | Problem:
        found = await async_check_site(self.hass, data)
        if isinstance(found, FoundSite):
            # The form of a page that was closed would stop all others until a restart.
            # When one of them is finished, Home Assistant aborts the others.
            await self.async_set_unique_id(found.site.id, raise_on_progress=False)
        return found

    def _show_site_form(self) -> ConfigFlowResult:
        problem, step_id = self._problem, self._form_step
        facts: dict[str, str] = {}
        if self.source == SOURCE_RECONFIGURE:
            facts["name"] = sanitize(self._get_reconfigure_entry().title)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                site_schema(
                    keeps_password=self._secrets.has_password,
                    # An error of the section is about what was entered there.
                    shows_advanced=bool(self._form.get(SECTION_ADVANCED)),
                ),
                without_password(self._form),
            ),
            errors={problem.at: problem.key} if problem else {},
            description_placeholders={**facts, **self._facts},
        )
