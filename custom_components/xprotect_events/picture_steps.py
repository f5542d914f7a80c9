"""The steps of the options about pictures: missing settings and certificates."""

from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import callback
from yarl import URL

from .api import RecordingServer
from .certificates import InvalidCertificateError, async_describe_shown_certificate
from .const import CONF_RECORDER_CERTIFICATES, CONF_STATE_GROUPS
from .picture_check import MissingPicture, async_check_pictures, async_describe_problems
from .picture_form import (
    CONF_RECORDERS,
    CONF_SAVE_ANYWAY,
    InvalidRecorderAddressError,
    from_rows,
    picture_schema,
    to_rows,
)
from .recorder_states import async_disable_dropped
from .removed_entry import abort_if_removed
from .runtime import XProtectConfigEntry
from .sanitize import UNKNOWN, sanitize


class PictureSteps(OptionsFlowWithReload):
    """Tests the options about pictures, and shows a form for missing settings."""

    def __init__(self) -> None:
        # The options to store at the end; these steps add to them.
        self.wanted: dict[str, Any] = {}
        self._problems: tuple[MissingPicture, ...] = ()
        # Recording servers whose certificates the user has not been shown yet.
        self._untrusted: list[tuple[RecordingServer, URL, str]] = []
        # Placeholders: the shown certificate and its recording server.
        self._facts: dict[str, str] = {}
        self._recorder_id = ""

    @property
    @override
    def config_entry(self) -> XProtectConfigEntry:
        """The entry; ends the form if it was removed."""
        with abort_if_removed():
            return super().config_entry

    @callback
    def store(self) -> ConfigFlowResult:
        """Store the options, which end the form."""
        entry = self.config_entry
        if entry.state is ConfigEntryState.LOADED:
            async_disable_dropped(self.hass, entry, self.wanted[CONF_STATE_GROUPS])
        return self.async_create_entry(data=self.wanted)

    async def async_step_pictures(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try to get pictures; show the form only if something is missing."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.store()
        # A form may be sent again during the test; only what was tested is stored.
        wanted, rows = self.wanted, to_rows(self.wanted)
        try:
            if user_input is not None:
                rows = user_input.get(CONF_RECORDERS, rows)
                wanted = wanted | from_rows(rows)
            problems = await async_check_pictures(self.hass, entry, wanted)
        except InvalidRecorderAddressError:
            return await self._refuse(rows, "invalid_recorder_address")
        except InvalidCertificateError:
            return await self._refuse(rows, "invalid_certificate")
        self.wanted, self._problems = wanted, problems
        is_wanted = user_input is not None and user_input[CONF_SAVE_ANYWAY]
        if is_wanted or not self._problems:
            return self.store()
        self._untrusted = [
            (one.server, URL(one.untrusted_at), one.error)
            for one in self._problems
            if one.server is not None and one.untrusted_at is not None
        ]
        return await self.async_step_pictures_form()

    async def async_step_pictures_form(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the next certificate that was not shown yet, or else the form."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.store()
        while self._untrusted:
            server, address, error = self._untrusted.pop(0)
            shown = await async_describe_shown_certificate(self.hass, address)
            if shown["fingerprint"] == UNKNOWN:
                continue
            self._recorder_id = server.id
            self._facts = {
                **shown,
                "recorder": sanitize(server.name),
                "host": address.host or "",
                "reason": sanitize(error),
            }
            return await self.async_step_recorder_certificate()
        return await self._show_form(to_rows(self.wanted), "pictures_missing")

    async def async_step_recorder_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show a certificate and its server, and offer to trust exactly this one."""
        return self.async_show_menu(
            step_id="recorder_certificate",
            menu_options=["trust_recorder", "pictures_form"],
            description_placeholders=self._facts,
        )

    async def async_step_trust_recorder(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Trust the certificate that was shown, and try again."""
        certificates = self.wanted.get(CONF_RECORDER_CERTIFICATES, {})
        trusted = {**certificates, self._recorder_id: self._facts["fingerprint"]}
        self.wanted = {**self.wanted, CONF_RECORDER_CERTIFICATES: trusted}
        return await self.async_step_pictures()

    async def _refuse(self, rows: list[dict[str, str]], error: str) -> ConfigFlowResult:
        self._problems = ()
        return await self._show_form(rows, error)

    async def _show_form(
        self, rows: list[dict[str, str]], error: str
    ) -> ConfigFlowResult:
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            # It was unloaded during the test.
            return self.store()
        inventory = entry.runtime_data.inventory.data
        return self.async_show_form(
            step_id="pictures",
            data_schema=self.add_suggested_values_to_schema(
                picture_schema(self.wanted, inventory.recording_servers),
                {CONF_RECORDERS: rows},
            ),
            errors={"base": error},
            description_placeholders={
                "missing": await async_describe_problems(
                    self.hass, entry, self._problems
                )
            },
        )
