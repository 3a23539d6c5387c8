"""What IAM and STS are given of the kernel: the tables of who exists, and the engine's answers to "what if"."""

from __future__ import annotations

from . import handing, issuers, tables, used
from .contract import Endpoint
from .failures import decode_failure
from .gather import tags_of
from .modes import mode_of
from .simulate import Simulated, principal_of, simulate
from .tables import *  # noqa: F403

__all__ = ["Endpoint", "Simulated", "decode_failure", "handing", "issuers", "mode_of", "principal_of", "simulate", "tags_of",
           "used"]
__all__ += tables.__all__
