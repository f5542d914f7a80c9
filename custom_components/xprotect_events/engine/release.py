"""Compares releases of XProtect."""

import re

# 2023 R2 brought the Events REST API, R3 the WebSocket.
OLDEST = (23, 2)
OLDEST_WITH_PUSH = (23, 3)


def release(version: str | None) -> tuple[int, int] | None:
    """Return the first two numbers of a version such as 23.2.0.1, or `None`."""
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", version or "", re.ASCII)
    return (int(numbers[1]), int(numbers[2])) if numbers else None
