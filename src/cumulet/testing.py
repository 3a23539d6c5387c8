"""What tests import: `from cumulet.testing import mock_aws` (docs/test-kit.md)."""

from __future__ import annotations

from .faces.testing.account import Cumulet
from .faces.testing.case import CumuletTestCase
from .faces.testing.clock import Clock
from .faces.testing.mocking import mock_aws
from .faces.testing.servers import InProcess, InThread, Server, start
from .faces.testing.watching import MadeCall, Mailbox

__all__ = ["Clock", "Cumulet", "CumuletTestCase", "InProcess", "InThread", "MadeCall", "Mailbox", "Server", "mock_aws", "start"]
