"""Creates the repairs of a config entry, and deletes them when their cause is gone."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_URL
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.singleton import singleton
from homeassistant.loader import async_get_loaded_integration
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.network import is_ip_address, is_loopback
from yarl import URL

from .api import (
    ApiError,
    CertificateChangedError,
    PermissionDeniedError,
    Source,
    TokenRefusedError,
    parse_address,
)
from .const import CONF_DELIVERY, DELIVERY_POLL, DOMAIN
from .engine.audit import Subject
from .engine.catalog import Catalog
from .engine.clock_witness import WrongClocks
from .engine.inventory import SiteInventory
from .engine.release import OLDEST, OLDEST_WITH_PUSH, release
from .inventory_coordinator import XProtectInventoryCoordinator
from .issue_kinds import ERRORS, FIXABLE, PUSH_TIMER, TOKEN_TIMER, Issue, Timer
from .mode import Channels, Mode
from .option_choices import missing, names_of_chosen
from .sanitize import UNKNOWN, sanitize

# Names in one text; users would not read more.
MAX_NAMES = 10


class XProtectIssues:
    """The repairs of one config entry, including those while it is not loaded."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._running: dict[Issue, CALLBACK_TYPE] = {}
        self._names: dict[str, str] = {}
        self._unreachable: tuple[datetime, datetime] | None = None
        entry.async_on_state_change(self._state_changed)

    @callback
    def follow(
        self, inventory: XProtectInventoryCoordinator, channels: Channels
    ) -> None:
        """Judge the site, now and after each change, until the entry unloads."""

        @callback
        def site_read() -> None:
            self._judge_inventory(inventory.data)
            mode_changed()

        @callback
        def mode_changed() -> None:
            self._judge_mode(channels.mode, inventory.data)

        @callback
        def judge_limits() -> None:
            for limit, count in inventory.left_out.counts.items():
                self._switch(Issue(limit), is_on=count > 0, count=str(count))

        site_read()
        judge_limits()
        self._entry.async_on_unload(inventory.left_out.listen(judge_limits))
        self._entry.async_on_unload(inventory.async_add_listener(site_read))
        self._entry.async_on_unload(channels.listen(mode_changed))

    @callback
    def judge_connection(self, error: BaseException | None) -> None:
        """Judge the error of the last request (or its cause), `None` for success."""
        err = error if isinstance(error, ApiError) else error and error.__cause__
        is_forbidden = isinstance(err, PermissionDeniedError)
        is_refused = isinstance(err, TokenRefusedError)
        is_changed = isinstance(err, CertificateChangedError)
        if error is None or is_forbidden or is_refused or is_changed:
            self._switch(Issue.CERTIFICATE_CHANGED, is_on=is_changed)
            self._switch(Issue.PERMISSION_DENIED, is_on=is_forbidden)
            self._time(TOKEN_TIMER, is_on=is_refused)

    @callback
    def judge_rights(self, facts: Mapping[Issue, bool]) -> None:
        """Switch the repairs about rights of the user."""
        for issue, is_on in facts.items():
            self._switch(issue, is_on=is_on)

    @callback
    def judge_storage(self, unstored: Iterable[str], catalog: Catalog) -> None:
        """Judge the selected types that are pushed but not stored."""
        names = _names(catalog.type_name(type_id) for type_id in unstored)
        self._switch(Issue.TYPES_NOT_STORED, is_on=bool(names), types=names)

    @callback
    def note_unreachable(self, since: datetime, until: datetime) -> None:
        """Show a span of which some events cannot be read, until the next start."""
        first, last = self._unreachable or (since, until)
        since, until = min(since, first), max(until, last)
        self._unreachable = (since, until)
        self._switch(
            Issue.EVENTS_UNREACHABLE,
            is_on=True,
            since=dt_util.as_local(since).isoformat(" ", "seconds"),
            until=dt_util.as_local(until).isoformat(" ", "seconds"),
        )

    @callback
    def judge_push(
        self, not_pushed: Iterable[Subject], catalog: Catalog, inventory: SiteInventory
    ) -> None:
        """Judge the types and sources whose events are not pushed."""
        names = _names(
            inventory.source_names.get(subject, str(subject))
            if isinstance(subject, Source)
            else catalog.type_name(subject)
            for subject in not_pushed
        )
        self._switch(Issue.NOT_PUSHED, is_on=bool(names), subjects=names)

    @callback
    def judge_clocks(self, wrong: WrongClocks, inventory: SiteInventory) -> None:
        """Judge wrong clocks, because of which all events count as missed."""
        seconds = round((wrong.server or timedelta()).total_seconds())
        self._switch(
            Issue.SERVER_CLOCKS_DIFFER, is_on=seconds > 0, seconds=str(seconds)
        )
        known = inventory.source_names
        names = _names(
            f"{known.get(source, str(source))}: {behind.total_seconds():.0f} s"
            for source, behind in wrong.sources.items()
        )
        self._switch(Issue.SOURCE_CLOCKS_DIFFER, is_on=bool(names), sources=names)

    @callback
    def judge_recorders(self, untrusted: Iterable[str]) -> None:
        """Judge the recording servers whose certificates are not trusted, by name."""
        names = _names(untrusted)
        self._switch(Issue.RECORDER_CERTIFICATE, is_on=bool(names), recorders=names)

    @callback
    def judge_renames(self, described: Mapping[str, str] | None) -> None:
        """Judge renamed events; `described` has the placeholders, if there are any."""
        self._switch(
            Issue.EVENTS_RENAMED, is_on=described is not None, **(described or {})
        )

    @callback
    def last_name(self, chosen: str) -> str:
        """Return the last known name of a selected value, else the value itself.

        The name is unknown if the object was deleted before the start.
        """
        return self._names.get(chosen, chosen)

    @callback
    def withdraw(self, *, forgets_ignored: bool) -> None:
        """Delete all repairs, but keep ignored ones unless `forgets_ignored`."""
        self._unreachable = None
        registry = ir.async_get(self._hass)
        for issue in Issue:
            self._stop(issue)
            found = registry.async_get_issue(DOMAIN, self._id(issue))
            if found and (forgets_ignored or found.dismissed_version is None):
                ir.async_delete_issue(self._hass, DOMAIN, self._id(issue))

    @callback
    def _judge_inventory(self, inventory: SiteInventory) -> None:
        """Judge the lists of the site, and the options."""
        version = inventory.site.version
        address = parse_address(self._entry.data[CONF_URL])
        self._switch(Issue.CLEAR_TEXT, is_on=_can_be_overheard(address))
        self._switch(
            Issue.LISTS_FORBIDDEN,
            is_on=bool(inventory.forbidden),
            lists=_names(inventory.forbidden),
        )
        self._switch(
            Issue.SERVER_TOO_OLD,
            is_on=(release(version) or OLDEST) < OLDEST,
            version=sanitize(version or UNKNOWN),
        )
        self._names |= names_of_chosen(inventory, self._entry.options)
        stale = missing(inventory, self._entry.options)
        self._switch(
            Issue.OPTIONS_STALE,
            is_on=bool(stale),
            missing=_names(self.last_name(one) for one in stale),
        )

    @callback
    def _judge_mode(self, mode: Mode, inventory: SiteInventory) -> None:
        """Judge whether events are polled although this server can push."""
        version = release(inventory.site.version)
        can_push = version is not None and version >= OLDEST_WITH_PUSH
        if self._entry.options.get(CONF_DELIVERY) == DELIVERY_POLL:
            return
        if not can_push or mode in {Mode.POLL, Mode.PUSH}:
            self._time(PUSH_TIMER, is_on=can_push and mode is Mode.POLL)
        elif mode is Mode.DOWN:
            self._stop(Issue.PUSH_UNAVAILABLE)

    @callback
    def _state_changed(self) -> None:
        if self._entry.state is ConfigEntryState.NOT_LOADED:
            self.withdraw(forgets_ignored=False)

    @callback
    def _time(self, timer: Timer, *, is_on: bool) -> None:
        """Show a repair after its cause has lasted, and delete it when it ends."""
        issue = timer.issue
        if not is_on:
            self._stop(issue)
            self._switch(issue, is_on=False)
        elif issue not in self._running:

            @callback
            def show(_: object) -> None:
                self._switch(issue, is_on=True)

            self._running[issue] = async_call_later(self._hass, timer.patience, show)

    @callback
    def _stop(self, issue: Issue) -> None:
        if cancel := self._running.pop(issue, None):
            cancel()

    @callback
    def _switch(self, issue: Issue, *, is_on: bool, **placeholders: str) -> None:
        if not is_on:
            ir.async_delete_issue(self._hass, DOMAIN, self._id(issue))
            return
        if self._entry.state is ConfigEntryState.NOT_LOADED:
            return  # Of a late answer; nothing would delete it.
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._id(issue),
            data={"entry_id": self._entry.entry_id},
            is_fixable=issue in FIXABLE,
            learn_more_url=async_get_loaded_integration(
                self._hass, DOMAIN
            ).documentation,
            severity=(
                ir.IssueSeverity.ERROR if issue in ERRORS else ir.IssueSeverity.WARNING
            ),
            translation_key=issue.value,
            translation_placeholders={"name": sanitize(self._entry.title)}
            | placeholders,
        )

    def _id(self, issue: Issue) -> str:
        return f"{issue}_{self._entry.entry_id}"


DATA_ISSUES: HassKey[dict[str, XProtectIssues]] = HassKey(f"{DOMAIN}_issues")


@singleton(DATA_ISSUES)
@callback
def _by_entry(hass: HomeAssistant) -> dict[str, XProtectIssues]:
    """Return the repairs by entry, which also exist for failed set-ups."""
    return {}


@callback
def async_get_issues(hass: HomeAssistant, entry: ConfigEntry) -> XProtectIssues:
    """Return the repairs of an entry, loaded or not."""
    by_entry = _by_entry(hass)
    if entry.entry_id not in by_entry:
        by_entry[entry.entry_id] = XProtectIssues(hass, entry)
    return by_entry[entry.entry_id]


@callback
def async_remove_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete all repairs of a removed entry."""
    async_get_issues(hass, entry).withdraw(forgets_ignored=True)
    del _by_entry(hass)[entry.entry_id]


def _can_be_overheard(address: URL) -> bool:
    """Whether passwords are sent over a network in clear text."""
    host = address.host or ""
    is_own_address = is_ip_address(host) and is_loopback(ip_address(host))
    return address.scheme == "http" and host != "localhost" and not is_own_address


def _names(names: Iterable[str]) -> str:
    safe = sorted({sanitize(name) for name in names})
    return ", ".join(safe[:MAX_NAMES]) + (", …" if len(safe) > MAX_NAMES else "")
