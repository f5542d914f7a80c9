"""Fixtures of all tests: the custom components, and sockets of this machine."""

import logging

import pytest

# The test plugin has an empty package of the same name, and Home Assistant takes
# whichever was imported first.
import custom_components  # noqa: F401 - see above
import tests.effort  # noqa: F401 - the profiles that a command line may name

# The test plugin makes the recorder log each statement, and the registry logs each of
# the entities of a site: a seventh of a set-up is spent on lines that no test reads.
for name in ("sqlalchemy.engine", "homeassistant.helpers.entity_registry"):
    logging.getLogger(name).setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def loopback(socket_enabled: None) -> None:
    """Allow connections to 127.0.0.1, and to no other address."""


@pytest.fixture(autouse=True)
def custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration, in tests with a Home Assistant."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off: it records the stack of every callback.

    It makes simulated nights eight times as long, and a refused TLS handshake counts as
    a bug there. The test plugin switches it on in the fixture that this one replaces.
    """
