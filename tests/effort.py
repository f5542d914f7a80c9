"""How hard the properties are tried.

`--hypothesis-profile thorough` before a release; a fraction of it in every run.
"""

from hypothesis import settings

THOROUGH = 3000

settings.register_profile("thorough", max_examples=THOROUGH, deadline=None)


def tried(examples: int) -> settings:
    """Try so many examples, where the usual number would take too long."""
    # The profile is chosen before any test is read.
    is_thorough = settings().max_examples >= THOROUGH
    return settings(max_examples=THOROUGH if is_thorough else examples, deadline=None)
