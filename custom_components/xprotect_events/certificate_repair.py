"""The fix flow for a server whose certificate is not the trusted one."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.const import CONF_URL
import probatio as vol
from yarl import URL

from .api import RecordingServer, parse_address
from .certificates import async_describe_shown_certificate, read_fingerprint
from .const import (
    CONF_CERTIFICATE_FINGERPRINT,
    CONF_RECORDER_ADDRESSES,
    CONF_RECORDER_CERTIFICATES,
)
from .entry_repair import CHANGED_MEANWHILE, EntryRepair
from .sanitize import UNKNOWN, sanitize


class CertificateChangedFlow(EntryRepair):
    """Shows whose certificate it is, and trusts exactly that one on request."""

    # The data of the entry when the certificate was shown.
    _data: Mapping[str, Any] | None = None
    _fingerprint = ""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Look at the certificate that the server shows now."""
        return await self._show({})

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Trust the certificate that was shown in the form, and no other."""
        entry = self.entry
        if user_input is None:
            # The page was loaded again; the user has not confirmed.
            return await self._show({})
        if entry.data != self._data:
            # The certificate may be that of another server.
            return await self._show(CHANGED_MEANWHILE)
        data = {**entry.data, CONF_CERTIFICATE_FINGERPRINT: self._fingerprint}
        self.hass.config_entries.async_update_entry(entry, data=data)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})

    async def _show(self, errors: dict[str, str]) -> RepairsFlowResult:
        data = self.entry.data
        address = parse_address(data[CONF_URL])
        shown = await async_describe_shown_certificate(self.hass, address)
        fingerprint = shown["fingerprint"]
        if fingerprint == UNKNOWN:
            return self.async_abort(reason="cannot_connect")
        trusted = read_fingerprint(data.get(CONF_CERTIFICATE_FINGERPRINT, ""))
        if trusted in {None, read_fingerprint(fingerprint)}:
            # Repaired in another form meanwhile.
            return self.async_create_entry(data={})
        self._data, self._fingerprint = data, fingerprint
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={
                "name": sanitize(self.entry.title),
                "host": address.host or "",
                **shown,
            },
        )


class RecorderCertificateFlow(EntryRepair):
    """Shows the certificates of recorders, one after the other, and trusts each."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(entry_id)
        # The recording server in the form, its fingerprint, and its addresses then.
        self._shown: tuple[RecordingServer, str, object] | None = None
        # The fingerprints that the user has confirmed, by the recording server's id.
        self._trusted: dict[str, str] = {}

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Look at the certificate that the next recorder shows now."""
        entry = self.loaded_entry
        is_unreachable = False
        for server, text in self._untrusted().items():
            if server.id in self._trusted:
                continue
            address = URL(text)
            shown = await async_describe_shown_certificate(self.hass, address)
            if shown["fingerprint"] == UNKNOWN:
                is_unreachable = True
                continue
            addresses = self._addresses(server)
            self._shown = server, shown["fingerprint"], addresses
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={
                    "name": sanitize(entry.title),
                    "recorder": sanitize(server.name),
                    "host": address.host or "",
                    **shown,
                },
            )
        if self._trusted:
            self._store()
        elif is_unreachable:
            return self.async_abort(reason="cannot_connect")
        return self.async_create_entry(data={})

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Trust the shown certificate, and continue with the next one."""
        if user_input is not None and self._shown is not None:
            server, fingerprint, addresses = self._shown
            if self._addresses(server) == addresses:
                self._trusted[server.id] = fingerprint
        # Otherwise the page was loaded again, or the certificate may be that of another
        # server: nothing was confirmed.
        return await self.async_step_init()

    def _untrusted(self) -> Mapping[RecordingServer, str]:
        pictures = self.loaded_entry.runtime_data.pictures
        ways = pictures.ways if pictures is not None else None
        return ways.untrusted() if ways is not None else {}

    def _addresses(self, server: RecordingServer) -> object:
        """Return the addresses of a recorder: the entered one, and those listed."""
        entry = self.loaded_entry
        entered = entry.options.get(CONF_RECORDER_ADDRESSES, {}).get(server.id)
        listed = entry.runtime_data.inventory.data.recording_servers
        return entered, [one.addresses for one in listed if one.id == server.id]

    def _store(self) -> None:
        entry = self.loaded_entry
        certificates = entry.options.get(CONF_RECORDER_CERTIFICATES, {}) | self._trusted
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, CONF_RECORDER_CERTIFICATES: certificates}
        )
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
