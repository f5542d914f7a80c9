"""Other people's words in texts that are shown: short, and nothing but text."""

import re

# Names are shown to people; whoever answers as the server has written them.
MAX_LENGTH = 100
# What has a meaning in a page or in Markdown, besides what cannot be printed. Signs
# that have one only beside these, such as `!` and `(`, stay: names have them.
MARKUP = frozenset("<>[]{}*_`~#|\\")
UNKNOWN = "?"
# What Markdown makes a link of without any sign: addresses of the web and of mail.
_LINK = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)


def shorten(text: str) -> str:
    """Cut what is too long to be read."""
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"


def sanitize(text: str) -> str:
    """Replace what a page could take for more than text, and cut what is too long."""
    plain = "".join(
        one if one.isprintable() and one not in MARKUP else UNKNOWN
        for one in shorten(text)
    )
    return _LINK.sub(UNKNOWN, plain)
