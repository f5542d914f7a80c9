"""The config flow: set-up, reconfiguration and reauthentication of a site."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import callback

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
from .sanitize import sanitize
from .site_check import (
    BASE,
    CERTIFICATE_CHANGED,
    PASSWORD_NEEDED,
    SECTION_ADVANCED,
    FoundSite,
    Problem,
    async_check_site,
    refused,
)
from .typed_secrets import TypedSecrets, tidy


class XProtectConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks for the address and the user, and checks them."""

    VERSION = 1

    # The last input; its password is never sent back to the form.
    _form: Mapping[str, Any]
    _data: dict[str, Any]
    _problem: Problem | None = None
    # Of the site that was found, until its entry is created.
    _name: str
    _rights: Rights

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

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the address or the user of a site."""
        if not self._form:
            data = self._get_reconfigure_entry().data
            self._form, self._secrets = to_form(data), TypedSecrets.of_entry(data)
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
        self._data = data
        return await self._check()

    async def _check(self) -> ConfigFlowResult:
        found = await self._async_check(self._data)
        if isinstance(found, FoundSite):
            self._data = tidy(self._data)
            if self.source == SOURCE_RECONFIGURE:
                return await self._reconnected()
            return await self._found(found)
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
        """Trust the certificate that was shown, and check again."""
        self._data = self._secrets.trust(self._data, self._facts["fingerprint"])
        return await self._check()

    async def _found(self, found: FoundSite) -> ConfigFlowResult:
        self._abort_if_unique_id_configured()
        self._name = found.site.name
        if found.rights is None or not needs_attention(found.rights):
            return self._create_entry()
        self._rights = found.rights
        if found.rights.is_administrator:
            return await self.async_step_administrator()
        return await self.async_step_rights()

    async def _reconnected(self) -> ConfigFlowResult:
        entry = self._get_reconfigure_entry()
        self._abort_if_unique_id_mismatch()
        await RefusalStore(self.hass, entry.entry_id).forget()
        return self.async_update_reload_and_abort(entry, data=self._data)

    async def async_step_rights(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the rights of the user, because one is missing."""
        return self._show_rights("rights", user_input)

    async def async_step_administrator(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Advise against using an administrator."""
        return self._show_rights("administrator", user_input)

    def _show_rights(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is not None:
            return self._create_entry()
        return self.async_show_form(
            step_id=step_id,
            data_schema=rights_schema(self._rights),
            description_placeholders={"name": sanitize(self._name)},
        )

    def _create_entry(self) -> ConfigFlowResult:
        return self.async_create_entry(title=sanitize(self._name), data=self._data)

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
            await self.async_set_unique_id(found.site.id)
        return found

    def _show_site_form(self) -> ConfigFlowResult:
        problem, step_id = self._problem, self._form_step
        has_advanced = bool(self._form.get(SECTION_ADVANCED))
        is_advanced = problem is not None and problem.at == SECTION_ADVANCED
        facts: dict[str, str] = {}
        if self.source == SOURCE_RECONFIGURE:
            facts["name"] = sanitize(self._get_reconfigure_entry().title)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                site_schema(
                    keeps_password=self._secrets.has_password,
                    shows_advanced=has_advanced or is_advanced,
                ),
                without_password(self._form),
            ),
            errors={problem.at: problem.key} if problem else {},
            description_placeholders={
                **facts,
                **self._facts,
            },
        )
