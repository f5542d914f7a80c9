"""Names as people read and compare them."""

from unicodedata import normalize


def tidy(name: str) -> str:
    """Return a name without blanks around it, and with one between its words."""
    return " ".join(name.split())


def comparable(name: str) -> str:
    """Return what is equal for names that read the same.

    Neither case nor blanks count, nor whether an accent is a character of its own.
    """
    return normalize("NFC", tidy(normalize("NFC", name)).casefold())
