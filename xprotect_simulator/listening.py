"""Opens the ports of the server and of its recorders."""

import errno
import ssl

from aiohttp import web

from .errors import OptionError

# Seconds for current requests when a port is closed.
_SHUTDOWN_GRACE = 0.05


async def listen(
    application: web.Application, host: str, port: int, tls: ssl.SSLContext | None
) -> web.AppRunner:
    """Accept connections on a port, 0 for a free one, until the runner's `cleanup`.

    Raises OptionError if the port cannot be opened.
    """
    runner = web.AppRunner(
        application,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_SHUTDOWN_GRACE,
    )
    await runner.setup()
    site = web.TCPSite(runner, host, port, ssl_context=tls)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        is_taken = error.errno == errno.EADDRINUSE
        reason = "something else listens there" if is_taken else error.strerror or error
        message = f"cannot listen on {host} port {port}: {reason}"
        raise OptionError(message) from error
    return runner
