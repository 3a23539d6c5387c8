"""Who exists and what they may: the tables of IAM and STS, the engine's answers to "what if", and acting as a role."""

from __future__ import annotations

from ..record.trailrecord import identity
from ..work import acting, requesting
from . import handing, issuers, jwt, named, tables, used
from .authorize import refused_part
from .contract import Endpoint
from .endpoints import entered_by
from .failures import decode_failure
from .gather import tags_of
from .modes import is_enforced, mode_of
from .presigning import presigned
from .simulate import Simulated, principal_of, simulate
from .tables import *  # noqa: F403

__all__ = ["Endpoint", "Simulated", "acting", "decode_failure", "entered_by", "handing", "identity", "is_enforced", "issuers",
           "jwt", "mode_of", "named", "presigned", "principal_of", "refused_part", "requesting", "simulate", "tags_of", "used"]
__all__ += tables.__all__
