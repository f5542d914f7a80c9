"""Makes texts of the server safe for pages that show them as Markdown."""

import re

# Characters. The texts come from the server and are not trusted.
MAX_LENGTH = 100
# Characters with a meaning in HTML or Markdown. Those that have one only together with
# these, such as `!` and `(`, are kept, because names contain them.
MARKUP = frozenset("<>[]{}*_`~#|\\")
UNKNOWN = "?"
# Parts of web and mail addresses, which Markdown turns into links.
_LINK = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)


def shorten(text: str) -> str:
    """Return the text, cut to `MAX_LENGTH` characters."""
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"


def sanitize(text: str) -> str:
    """Return the text, cut and with markup replaced by question marks."""
    plain = "".join(
        one if one.isprintable() and one not in MARKUP else UNKNOWN
        for one in shorten(text)
    )
    return _LINK.sub(UNKNOWN, plain)
