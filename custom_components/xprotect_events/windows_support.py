"""Windows users: their names, and the package that is installed for the first one."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.requirements import (
    RequirementsNotFound,
    async_clear_install_history,
    async_process_requirements,
)

from .const import DOMAIN

# Not in the manifest: an entry of a basic user must load without internet, also after
# an update of Home Assistant, which installs all requirements again.
REQUIREMENT = "pyspnego==0.12.4"


class WindowsSupportMissingError(ConfigEntryNotReady):
    """The package could not be installed."""


def has_domain(username: str) -> bool:
    r"""Whether a Windows user is written `DOMAIN\user` or `user@domain`."""
    domain, mark, name = username.partition("\\")
    if not mark:
        name, _, domain = username.rpartition("@")
    return bool(domain and name) and "\\" not in name


async def async_require_windows_support(hass: HomeAssistant) -> None:
    """Install the package for Windows users. Raises `WindowsSupportMissingError`."""
    try:
        await async_process_requirements(hass, DOMAIN, [REQUIREMENT], is_built_in=False)
    except RequirementsNotFound as err:
        # Otherwise Home Assistant would not try again before its next start.
        async_clear_install_history(hass)
        raise WindowsSupportMissingError(
            translation_domain=DOMAIN,
            translation_key="windows_support_missing",
            translation_placeholders={"package": REQUIREMENT},
        ) from err
