"""Trusting the certificate that a server shows instead of the trusted one."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
import probatio as vol

from .api import parse_address
from .certificates import async_describe_shown_certificate
from .const import CONF_CERTIFICATE_FINGERPRINT
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
        """Trust what was shown, and nothing that is shown meanwhile."""
        if user_input is None or self._fingerprint is None:
            # The page has been loaded again; nobody has agreed.
            return await self.async_step_init()
        data = {**self._entry.data, CONF_CERTIFICATE_FINGERPRINT: self._fingerprint}
        self.hass.config_entries.async_update_entry(self._entry, data=data)
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})
