"""Changes the ICE library, to behave like XProtect instead of the standard."""

import asyncio

from aioice import ice, stun
from aioice.ice import CandidatePair, Connection, StunProtocol

# Seconds between two refused checks.
_PAUSE = 0.1

_all_addresses = ice.get_host_addresses


def _with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001 - as the library's
    found = _all_addresses(use_ipv4, use_ipv6)
    return ["127.0.0.1", *found] if use_ipv4 else found


def offer_loopback() -> None:
    """Add 127.0.0.1 to the candidates, which the library omits; the demo needs it."""
    ice.get_host_addresses = _with_loopback


class _RefusedError(Exception):
    """The other side refuses a check, because both are in the controlling role."""


def ignore_conflicts(connection: Connection, tie_breaker: int) -> None:
    """Make a connection ignore that both sides are in the controlling role.

    Its own checks are repeated while they are refused. A nomination by the other side
    is accepted, like by the public server code that XProtect probably uses.
    """
    take, start = connection.request_received, connection.check_start
    nominated: set[tuple[str, int]] = set()

    def request_received(
        message: stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        message.attributes.pop("ICE-CONTROLLING", None)
        nominated.update({addr} if "USE-CANDIDATE" in message.attributes else ())
        take(message, addr, protocol)

    def switch_role(**_: bool) -> None:
        raise _RefusedError

    async def check_start(pair: CandidatePair) -> None:
        while True:
            try:
                return await start(pair)
            except _RefusedError:
                await asyncio.sleep(_PAUSE)
            if pair.remote_addr in nominated:
                pair.nominated = True
                connection.check_state(pair, CandidatePair.State.SUCCEEDED)
                connection.check_complete(pair)
                return None

    vars(connection).update(
        _tie_breaker=tie_breaker,
        request_received=request_received,
        switch_role=switch_role,
        check_start=check_start,
    )
