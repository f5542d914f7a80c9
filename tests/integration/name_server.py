"""A name server for tests, which resolves every name to this machine."""

from collections.abc import Iterator
import socket
from typing import override
from unittest.mock import patch

from aiohttp.abc import AbstractResolver, ResolveResult
import pytest


class Names(AbstractResolver):
    """Resolves every name to this machine while it answers."""

    def __init__(self) -> None:
        self.is_gone = False

    @override
    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[ResolveResult]:
        if self.is_gone:
            raise OSError(None, "DNS server does not answer")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    @override
    async def close(self) -> None:
        """Close nothing."""

    async def real_close(self) -> None:
        """Close nothing; Home Assistant closes its own resolver like this."""


@pytest.fixture
def names() -> Iterator[Names]:
    """Resolve names as the test sets them."""
    resolver = Names()
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        return_value=resolver,
    ):
        yield resolver
