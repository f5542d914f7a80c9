"""What the lists of a site lack, and for how long."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ..api import EffectivePermissions, Source
from .inventory import CAN_BE_DISABLED, SiteInventory

# What the lists lack so long is gone. A shorter time would take away what somebody has
# hidden by mistake and gives back in the evening, with all that people have made of it.
GONE_AFTER = timedelta(hours=24)
# Between two readings. More is a time in which nobody has looked, or a clock's jump.
LONGEST_STEP = timedelta(hours=2)
# Absent sources at a time. A server that makes up ids must not fill memory and disk.
MAX_ABSENT = 20_000
# Of one list, at once. With less, somebody who removes a camera or two would be asked
# about rights; with more, a role that lost a building would go unnoticed.
FEWEST_LOST = 2
SHARE_LOST = 0.2


class Absences:
    """Adds up how long complete lists have lacked what they once had.

    Roles that lose rights get shorter or empty lists, not refusals (protocol §3.2). So
    time counts only while no list is refused, the list in question is not empty, and
    the permissions are those of the reading before.
    """

    def __init__(self, absent_for: Mapping[Source, timedelta] | None = None) -> None:
        self.absent_for = dict(absent_for or {})
        self._permissions: EffectivePermissions | None = None
        self._listed: frozenset[Source] = frozenset()
        self._read_at: datetime | None = None

    def recall(self, inventory: SiteInventory) -> None:
        """Know the reading that was the last before the start."""
        self._listed = frozenset(inventory.source_names)
        self._permissions = inventory.permissions

    def expect(self, sources: Iterable[Source]) -> None:
        """Look also after what the lists had before the start."""
        for source in sources:
            self._note(source, timedelta())

    def follow(self, inventory: SiteInventory, now: datetime) -> None:
        """Take a reading of all lists."""
        passed = max(timedelta(), now - (self._read_at or now))
        self._read_at = now
        listed = frozenset(inventory.source_names)
        known = (*self.absent_for, *(self._listed - listed))
        before, self.absent_for = self.absent_for, {}
        is_same = not _differ(self._permissions, inventory.permissions, listed)
        for source in known:
            # What was gone at the reading before has been removed meanwhile.
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
        """Whether a list lacks so much that a role may have lost rights.

        One camera that was deleted is no sign of it.
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
        """Whether the lists have lacked a source so long that it will not come back."""
        return _is_over(self.absent_for.get(source))

    def _note(self, source: Source, absent_for: timedelta) -> None:
        if len(self.absent_for) < MAX_ABSENT:
            self.absent_for.setdefault(source, absent_for)


def _is_over(absent_for: timedelta | None) -> bool:
    return absent_for is not None and absent_for >= GONE_AFTER


def _counts(source: Source, inventory: SiteInventory) -> bool:
    """Whether the lists of a reading say that a source does not exist."""
    if not inventory.is_complete:
        return False
    # Where only the GUID is known, it may be anything that has a device.
    kinds = CAN_BE_DISABLED if source.resource is None else {source.resource}
    return all(inventory.counts[kind] for kind in kinds)


def _differ(
    before: EffectivePermissions | None,
    now: EffectivePermissions | None,
    listed: Iterable[Source],
) -> bool:
    """Whether rights have changed; not where the server does not tell them.

    On what was deleted nobody has rights either, so only what is still listed counts.
    """
    if before is None or now is None:
        return False
    known = before.masks.keys() & now.masks.keys() & {source.id for source in listed}
    return before.is_administrator != now.is_administrator or any(
        before.masks[one] != now.masks[one] for one in known
    )
