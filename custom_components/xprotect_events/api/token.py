"""The access token that requests bear (protocol §1.3)."""

from dataclasses import dataclass, field
from typing import Self

# Seconds before expiry at which a token is renewed. They leave time for more attempts
# if the first one fails. Short-lived tokens are renewed after 80 % of their life
# instead, or each request would renew them.
RENEWAL_MARGIN = 300.0
RENEWAL_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token. All times are in seconds of a monotonic clock."""

    access_token: str = field(repr=False)
    given_at: float
    renew_at: float
    expires_at: float

    @classmethod
    def lasting(cls, lifetime: int, access_token: str, *, asked_at: float) -> Self:
        """Return a token that was asked for at a time, and lasts so many seconds."""
        margin = min(RENEWAL_MARGIN, lifetime * RENEWAL_SHARE)
        return cls(
            access_token=access_token,
            given_at=asked_at,
            renew_at=asked_at + lifetime - margin,
            expires_at=asked_at + lifetime,
        )
