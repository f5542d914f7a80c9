"""The fix flow for a server whose certificate is not the trusted one."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_URL
import probatio as vol
from yarl import URL

from .api import RecordingServer, parse_address
from .certificates import async_describe_shown_certificate
from .const import CONF_CERTIFICATE_FINGERPRINT, CONF_RECORDER_CERTIFICATES
from .runtime import XProtectConfigEntry
from .sanitize import UNKNOWN, sanitize


class CertificateChangedFlow(RepairsFlow):
    """Shows whose certificate it is, and trusts exactly that one on request."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._entry = entry
        self._fingerprint: str | None = None

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Look at the certificate that the server shows now."""
        address = parse_address(self._entry.data[CONF_URL])
        shown = await async_describe_shown_certificate(self.hass, address)
        if shown["fingerprint"] == UNKNOWN:
            return self.async_abort(reason="cannot_connect")
        self._fingerprint = shown["fingerprint"]
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            description_placeholders={
                "name": sanitize(self._entry.title),
                "host": address.host or "",
                **shown,
            },
        )

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Trust the certificate that was shown in the form, and no other."""
        if user_input is None or self._fingerprint is None:
            # The page was loaded again; the user has not confirmed.
            return await self.async_step_init()
        data = {**self._entry.data, CONF_CERTIFICATE_FINGERPRINT: self._fingerprint}
        self.hass.config_entries.async_update_entry(self._entry, data=data)
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})


class RecorderCertificateFlow(RepairsFlow):
    """Shows the certificates of recorders, one after the other, and trusts each."""

    def __init__(self, entry: XProtectConfigEntry) -> None:
        self._entry = entry
        self._shown: tuple[RecordingServer, str] | None = None
        # The fingerprints that the user has confirmed, by the recording server's id.
        self._trusted: dict[str, str] = {}

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Look at the certificate that the next recorder shows now."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        for server, text in self._untrusted().items():
            if server.id in self._trusted:
                continue
            address = URL(text)
            shown = await async_describe_shown_certificate(self.hass, address)
            if shown["fingerprint"] == UNKNOWN:
                return self.async_abort(reason="cannot_connect")
            self._shown = server, shown["fingerprint"]
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={
                    "name": sanitize(self._entry.title),
                    "recorder": sanitize(server.name),
                    "host": address.host or "",
                    **shown,
                },
            )
        if self._trusted:
            self._store()
        return self.async_create_entry(data={})

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Trust the shown certificate, and continue with the next one."""
        if user_input is not None and self._shown is not None:
            server, fingerprint = self._shown
            self._trusted[server.id] = fingerprint
        # Otherwise the page was loaded again, and nothing was confirmed.
        return await self.async_step_init()

    def _untrusted(self) -> Mapping[RecordingServer, str]:
        pictures = self._entry.runtime_data.pictures
        ways = pictures.ways if pictures is not None else None
        return ways.untrusted() if ways is not None else {}

    def _store(self) -> None:
        options = self._entry.options
        certificates = options.get(CONF_RECORDER_CERTIFICATES, {}) | self._trusted
        self.hass.config_entries.async_update_entry(
            self._entry, options={**options, CONF_RECORDER_CERTIFICATES: certificates}
        )
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
