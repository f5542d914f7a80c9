"""Measures how long sources have been missing from the lists of a site."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ..api import EffectivePermissions, Source
from .inventory import CAN_BE_DISABLED, SiteInventory

# A source that is missing for so long is gone. With less, a right that is removed by
# mistake and restored in the evening would cost all settings of the devices.
GONE_AFTER = timedelta(hours=24)
# The most that one reading adds. A longer time between two readings is an outage or a
# step of a clock.
LONGEST_STEP = timedelta(hours=2)
# Absent sources at a time. A server that invents ids must not fill memory and disk.
MAX_ABSENT = 20_000
# Missing sources of one list, and their share, that suggest a lost right. With less,
# deleting a camera or two would raise the question of rights; with more, a role that
# lost the cameras of one building would go unnoticed.
FEWEST_LOST = 2
SHARE_LOST = 0.2


class Absences:
    """Adds up how long each source has been missing from complete lists.

    A role that loses rights gets shorter or empty lists, not refusals (protocol §3.2).
    So time counts only while no list is refused, the list of the source is not empty,
    and the permissions are those of the previous reading.
    """

    def __init__(self, absent_for: Mapping[Source, timedelta] | None = None) -> None:
        self.absent_for = dict(absent_for or {})
        self._permissions: EffectivePermissions | None = None
        self._listed: frozenset[Source] = frozenset()
        self._read_at: datetime | None = None

    def recall(self, inventory: SiteInventory) -> None:
        """Take the last reading before the start as the previous one."""
        self._listed = frozenset(inventory.source_names)
        self._permissions = inventory.permissions

    def expect(self, sources: Iterable[Source]) -> None:
        """Also watch sources that the lists had before the start."""
        for source in sources:
            self._note(source, timedelta())

    def forget(self, source: Source) -> None:
        """Watch a source no more."""
        self.absent_for.pop(source, None)

    def follow(self, inventory: SiteInventory, now: datetime) -> None:
        """Take a reading of all lists."""
        passed = max(timedelta(), now - (self._read_at or now))
        self._read_at = now
        listed = frozenset(inventory.source_names)
        known = (*self.absent_for, *(self._listed - listed))
        before, self.absent_for = self.absent_for, {}
        is_same = not _differ(self._permissions, inventory.permissions, listed)
        for source in known:
            # What was gone at the previous reading has been removed already.
            so_far = before.get(source)
            if source.id in inventory.sources_by_id or _is_over(so_far):
                continue
            if so_far is None or not is_same or not _counts(source, inventory):
                self._note(source, timedelta())
            else:
                self._note(source, so_far + min(passed, LONGEST_STEP))
        self._listed = listed
        self._permissions = inventory.permissions or self._permissions

    def have_shrunk(self, inventory: SiteInventory) -> bool:
        """Whether so much is missing that a role may have lost rights.

        A single missing camera was probably deleted.
        """
        absent = Counter(source.resource or "" for source in self.absent_for)
        return any(
            not inventory.counts[kind]
            or (
                count >= FEWEST_LOST
                and count / (count + inventory.counts[kind]) >= SHARE_LOST
            )
            for kind, count in absent.items()
        )

    def is_gone(self, source: Source) -> bool:
        """Whether a source is missing for so long that it counts as deleted."""
        return _is_over(self.absent_for.get(source))

    def _note(self, source: Source, absent_for: timedelta) -> None:
        if len(self.absent_for) < MAX_ABSENT:
            self.absent_for.setdefault(source, absent_for)


def _is_over(absent_for: timedelta | None) -> bool:
    return absent_for is not None and absent_for >= GONE_AFTER


def _counts(source: Source, inventory: SiteInventory) -> bool:
    """Whether a reading proves that a missing source does not exist."""
    if not inventory.is_complete:
        return False
    # A source that is only a GUID may be in any of these lists.
    kinds = CAN_BE_DISABLED if source.resource is None else {source.resource}
    return all(inventory.counts[kind] for kind in kinds)


def _differ(
    before: EffectivePermissions | None,
    now: EffectivePermissions | None,
    listed: Iterable[Source],
) -> bool:
    """Whether rights have changed; false if the server gives no permissions.

    Deleted objects have no permissions either, so only listed ones are compared.
    """
    if before is None or now is None:
        return False
    known = before.masks.keys() & now.masks.keys() & {source.id for source in listed}
    return before.is_administrator != now.is_administrator or any(
        before.masks[one] != now.masks[one] for one in known
    )
