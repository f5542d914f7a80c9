"""Resets connections, as broken networks do."""

import socket
import struct

from aiohttp import web

# Linger "on" for zero seconds: closing sends RST instead of FIN.
_NO_LINGER = struct.pack("ii", 1, 0)


def cut(request: web.Request) -> None:
    """Reset the connection of a request."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        request.transport.abort()
