"""What the scripts share; runs on Python 3.11 and needs no packages.

Older versions have to be able to read this file, which is all that they do.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the test for it
    sys.exit(
        "error: Python 3.11 or later is needed, and this is {}.{}: install it, or name"
        " it, as in: python3.11 {}".format(*sys.version_info[:2], sys.argv[0])
    )
