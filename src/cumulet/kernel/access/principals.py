"""What IAM and STS are given of the kernel: the tables of who exists, and the engine's answers to "what if"."""

from __future__ import annotations

from . import tables, used
from .failures import decode_failure
from .simulate import Simulated, principal_of, simulate
from .tables import *  # noqa: F403

__all__ = ["Simulated", "decode_failure", "principal_of", "simulate", "used"]
__all__ += tables.__all__
