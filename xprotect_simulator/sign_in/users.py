"""Users and their rights."""

from dataclasses import dataclass, field

from ..site.items import DEVICE_KINDS
from ..site.security import READ


@dataclass(slots=True, kw_only=True)
class User:
    """A user and the rights of the user's role."""

    name: str
    password: str
    # A Windows user `DOMAIN\\user`, who cannot use the password grant.
    is_windows: bool = False
    is_administrator: bool = True
    # Locked by an administrator.
    is_locked: bool = False
    # The monotonic time at which a lock because of wrong passwords ends.
    locked_until: float | None = None
    must_change_password: bool = False
    wrong_attempts: int = 0
    # Resources (lower case) that answer 403.
    forbidden: set[str] = field(default_factory=set)
    # Paths of the devices this user may see; None: all.
    sources: frozenset[str] | None = None
    # (resource, action) pairs that the role does not allow; administrators may do all.
    denied: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The sender of a request: a user, or a service if there is no user."""

    user: User | None = None

    @property
    def is_service(self) -> bool:
        """Whether this is a service, which has all rights."""
        return self.user is None

    @property
    def is_administrator(self) -> bool:
        """Whether the configuration may be changed."""
        return self.user is None or self.user.is_administrator

    @property
    def sees_everything(self) -> bool:
        """Whether it may see all sources."""
        return self.user is None or (self.user.sources is None and not self.user.denied)

    def may_use(self, resource: str) -> bool:
        """Return whether the role allows a resource at all."""
        return self.user is None or resource.lower() not in self.user.forbidden

    def may(self, resource: str, action: str) -> bool:
        """Return whether the role allows an action on the items of a resource."""
        if self.user is None or self.user.is_administrator:
            return True
        return (resource, action) not in self.user.denied

    def may_see(self, path: str | None) -> bool:
        """Return whether a source is visible."""
        if self.user is None or path is None:
            return True
        kind = path.partition("/")[0]
        if not self.may(kind, READ):
            return False
        # Only devices can be limited to single items.
        if self.user.sources is None or kind not in DEVICE_KINDS:
            return True
        return path in self.user.sources
