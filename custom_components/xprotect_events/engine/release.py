"""Releases of XProtect, as far as it matters which one a server is."""

import re

# 2023 R2 brought the Events REST API, R3 the WebSocket.
OLDEST = (23, 2)
OLDEST_WITH_PUSH = (23, 3)


def release(version: str | None) -> tuple[int, int] | None:
    """Read a version such as 23.2.0.1 as far as releases differ in it."""
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", version or "", re.ASCII)
    return (int(numbers[1]), int(numbers[2])) if numbers else None
