"""Modules that the scripts share; they run on Python 3.11 and need no packages.

Older versions must be able to parse this file, to print its error.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the test for it
    sys.exit(
        "error: Python 3.11 or later is needed, and this is {}.{}: install it, or name"
        " it, as in: python3.11 {}".format(*sys.version_info[:2], sys.argv[0])
    )
