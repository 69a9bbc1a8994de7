"""What holds for all tests: how long an example takes on a busy machine says nothing about the code."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "untimed",
    settings.get_profile(
        settings.get_current_profile_name()
    ),  # in CI, the one with the same examples each time
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")
