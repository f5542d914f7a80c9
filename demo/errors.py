"""What keeps the demo from starting."""


class DemoError(Exception):
    """Something the person has to know, said in one sentence."""
