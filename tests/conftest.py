"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes is the machine's affair; benchmarks measure.
settings.register_profile("newsbell", deadline=None)
settings.load_profile("newsbell")
