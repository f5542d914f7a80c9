"""The fields of the forms in the config flow."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.const import (
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    BooleanSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol

from .api import Authentication
from .const import (
    CONF_AREA_GROUPS,
    CONF_AUTHENTICATION,
    CONF_CA_CERTIFICATE,
    CONF_CERTIFICATE_FINGERPRINT,
)
from .engine.groups import DeviceGroup
from .engine.rights import Ability, Rights
from .option_choices import choices, device_groups
from .site_check import SECTION_ADVANCED

USERNAME_SELECTOR = TextSelector(TextSelectorConfig(autocomplete="username"))
PASSWORD_SELECTOR = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)

REAUTH_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): USERNAME_SELECTOR,
        vol.Required(CONF_PASSWORD): PASSWORD_SELECTOR,
    }
)


def site_schema(*, keeps_password: bool, shows_advanced: bool) -> vol.Schema:
    """Return the fields for address and user.

    `keeps_password` allows an empty password, which keeps the stored one.
    `shows_advanced` opens the section.
    """
    password = vol.Optional if keeps_password else vol.Required
    return vol.Schema(
        {
            vol.Required(CONF_URL): TextSelector(),
            vol.Required(
                CONF_AUTHENTICATION, default=Authentication.BASIC.value
            ): SelectSelector(
                SelectSelectorConfig(
                    options=[one.value for one in Authentication],
                    translation_key=CONF_AUTHENTICATION,
                )
            ),
            vol.Required(CONF_USERNAME): USERNAME_SELECTOR,
            password(CONF_PASSWORD): PASSWORD_SELECTOR,
            vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
            vol.Required(SECTION_ADVANCED): section(
                vol.Schema(
                    {
                        vol.Optional(CONF_CA_CERTIFICATE): TextSelector(
                            TextSelectorConfig(multiline=True)
                        )
                    }
                ),
                {"collapsed": not shows_advanced},
            ),
        }
    )


def needs_attention(rights: Rights) -> bool:
    """Whether to show the rights before the entry is created.

    Only options, which are off by default, need playback and outputs.
    """
    needed = {Ability.SEE_CAMERAS, Ability.TRIGGER_EVENTS}
    return rights.is_administrator or bool(needed & rights.missing)


def areas_schema(groups: Iterable[DeviceGroup]) -> vol.Schema:
    """Return the choice of groups that become areas."""
    several = SelectSelector(
        SelectSelectorConfig(
            options=choices(device_groups(groups), ()),
            multiple=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
    return vol.Schema({vol.Optional(CONF_AREA_GROUPS, default=[]): several})


def rights_schema(rights: Rights) -> vol.Schema:
    """Return the known rights as read-only fields."""
    shown = BooleanSelector(BooleanSelectorConfig(read_only=True))
    return vol.Schema(
        {
            vol.Optional(ability.value, default=ability in rights.granted): shown
            for ability in Ability
            if ability in rights.granted | rights.missing
        }
    )


def to_entry_data(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an entry for a form's input, without sections.

    Keyboards of phones add a blank to a name; it would cost an attempt to sign in.
    """
    flat = {key: value for key, value in form.items() if key != SECTION_ADVANCED}
    name = form[CONF_USERNAME].strip()
    return {**flat, **form.get(SECTION_ADVANCED, {}), CONF_USERNAME: name}


def to_form(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the form for an entry's data, without the password."""
    advanced = {key: value for key, value in data.items() if key == CONF_CA_CERTIFICATE}
    hidden = {*advanced, CONF_CERTIFICATE_FINGERPRINT}
    flat = {key: value for key, value in data.items() if key not in hidden}
    return without_password({**flat, SECTION_ADVANCED: advanced})


def without_password(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input without the password, which is never sent back to a form."""
    return {key: value for key, value in form.items() if key != CONF_PASSWORD}
