"""The errors of the demo."""


class DemoError(Exception):
    """The demo cannot start or continue, for the reason in one sentence."""
