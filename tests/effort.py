"""The number of examples for property tests.

Use `--hypothesis-profile thorough` before a release; other runs use a fraction.
"""

from hypothesis import HealthCheck, settings

THOROUGH = 3000

settings.register_profile("thorough", max_examples=THOROUGH, deadline=None)


def tried(
    examples: int, *, thorough: int = THOROUGH, shares_fixtures: bool = False
) -> settings:
    """Use so many examples, if the usual number would take too long.

    `thorough` is the number with that profile. With `shares_fixtures` all examples
    have the same fixtures, which no example may change for the next.
    """
    # The profile is chosen before any test is collected.
    is_thorough = settings().max_examples >= THOROUGH
    shared = [HealthCheck.function_scoped_fixture] if shares_fixtures else []
    return settings(
        max_examples=thorough if is_thorough else examples,
        deadline=None,
        suppress_health_check=shared,
    )
