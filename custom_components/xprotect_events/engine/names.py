"""Normal forms of names, to show and to compare them."""

from unicodedata import normalize


def tidy(name: str) -> str:
    """Return a name without outer blanks, and with single blanks between words."""
    return " ".join(name.split())


def comparable(name: str) -> str:
    """Return a form that is equal for names that read the same.

    It ignores case, extra blanks, and how Unicode composes accents.
    """
    return normalize("NFC", tidy(normalize("NFC", name)).casefold())
