"""Setting up a site in the user interface."""

from collections.abc import Mapping
import logging
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol

from .api import (
    ApiError,
    CertificateError,
    CredentialsRefusedError,
    InvalidAddressError,
    NotAGatewayError,
    NotFoundError,
    PermissionDeniedError,
    Refusal,
    Site,
    TimedOutError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
    parse_address,
)
from .client_factory import (
    ExpiredCertificateError,
    InvalidCertificateError,
    async_create_client,
    raise_for_expired_certificate,
)
from .const import (
    AUTHENTICATION_BASIC,
    CONF_AUTHENTICATION,
    CONF_CA_CERTIFICATE,
    DOMAIN,
)
from .engine.site import read_site
from .options_flow import XProtectOptionsFlow

_LOGGER = logging.getLogger(__name__)

SECTION_ADVANCED = "advanced"

USERNAME_SELECTOR = TextSelector(TextSelectorConfig(autocomplete="username"))
PASSWORD_SELECTOR = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)

USER_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_URL): TextSelector(),
        vol.Required(CONF_USERNAME): USERNAME_SELECTOR,
        vol.Required(CONF_PASSWORD): PASSWORD_SELECTOR,
        vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
        vol.Required(SECTION_ADVANCED): section(
            vol.Schema(
                {
                    vol.Optional(CONF_CA_CERTIFICATE): TextSelector(
                        TextSelectorConfig(multiline=True)
                    )
                }
            ),
            {"collapsed": True},
        ),
    }
)
REAUTH_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): USERNAME_SELECTOR,
        vol.Required(CONF_PASSWORD): PASSWORD_SELECTOR,
    }
)

REFUSALS = {
    Refusal.INVALID: "invalid_auth",
    Refusal.LOCKED: "account_locked",
    Refusal.MUST_CHANGE_PASSWORD: "password_must_change",
}

# The first class that fits counts; one that is not here is unknown.
CONNECTION_ERRORS: tuple[tuple[type[ApiError], str], ...] = (
    (CertificateError, "ssl_error"),
    (TimedOutError, "timeout_connect"),
    (UnreachableError, "cannot_connect"),
    (UnavailableError, "cannot_connect"),
    (NotAGatewayError, "no_api_gateway"),
    (PermissionDeniedError, "insufficient_permissions"),
)


class EventsUnavailableError(Exception):
    """The gateway answers, but nothing behind it serves events."""


class XProtectConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks for address and user, and makes sure that they work."""

    VERSION = 1

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
        errors: dict[str, str] = {}
        if user_input is not None:
            data = _entry_data(user_input)
            site = await self._async_check(data, errors)
            if site is not None:
                await self.async_set_unique_id(site.id)
                self._abort_if_unique_id_configured()
                data[CONF_URL] = str(parse_address(data[CONF_URL])).rstrip("/")
                return self.async_create_entry(title=site.name, data=data)
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                USER_SCHEMA, _without_password(user_input)
            ),
            errors=errors,
        )

    async def async_step_reauth(
        self,
        entry_data: Mapping[str, Any],
    ) -> ConfigFlowResult:
        """Begin to ask for a user that works."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a user that works."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            site = await self._async_check({**entry.data, **user_input}, errors)
            if site is not None:
                await self.async_set_unique_id(site.id)
                self._abort_if_unique_id_mismatch()
                return self.async_update_reload_and_abort(
                    entry, data_updates=user_input
                )
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                REAUTH_SCHEMA, {CONF_USERNAME: entry.data[CONF_USERNAME]}
            ),
            description_placeholders={"name": entry.title},
            errors=errors,
        )

    async def _async_check(
        self, data: Mapping[str, Any], errors: dict[str, str]
    ) -> Site | None:
        """Return the site that answers, or fill in the form's errors."""
        try:
            client = await async_create_client(self.hass, data)
            raise_for_expired_certificate(data)
            return await _async_check_site(client)
        except InvalidAddressError:
            errors[CONF_URL] = "invalid_url"
        except InvalidCertificateError:
            errors["base"] = "invalid_certificate"
        except ExpiredCertificateError:
            errors["base"] = "certificate_expired"
        except CredentialsRefusedError as err:
            errors["base"] = REFUSALS[err.refusal]
        except EventsUnavailableError:
            errors["base"] = "events_unavailable"
        except ApiError as err:
            errors["base"] = _connection_error(err)
        except Exception:
            _LOGGER.exception("Unexpected error while checking the site")
            errors["base"] = "unknown"
        return None


async def _async_check_site(client: XProtectClient) -> Site:
    """Ask for everything that the integration cannot do without."""
    await client.configuration.gateway()
    site = await read_site(client.configuration)
    try:
        await client.events.list(size=1)
    except (NotFoundError, UnavailableError) as err:
        raise EventsUnavailableError from err
    return site


def _connection_error(err: ApiError) -> str:
    for kind, key in CONNECTION_ERRORS:
        if isinstance(err, kind):
            return key
    _LOGGER.error("Unexpected answer while checking the site: %s", err)
    return "unknown"


def _entry_data(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the form's sections flat."""
    flat = {key: value for key, value in user_input.items() if key != SECTION_ADVANCED}
    return {
        **flat,
        **user_input[SECTION_ADVANCED],
        CONF_AUTHENTICATION: AUTHENTICATION_BASIC,
    }


def _without_password(user_input: Mapping[str, Any] | None) -> dict[str, Any]:
    """Keep what was typed when a form comes again, but never send a password back."""
    return {k: v for k, v in (user_input or {}).items() if k != CONF_PASSWORD}
