"""What drives the edges. Services call, wait and log; what to do is decided in the pure modules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Gives the time now, aware and in UTC."""
