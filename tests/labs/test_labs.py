"""Each lab proves itself: its checks fail in fresh accounts, its solution runs as written, and then they hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cumulet.faces.labs import attempt, contents
from cumulet.kernel.cloud import CloudThread

LABS = contents.all_labs()


@pytest.mark.parametrize("lab", LABS, ids=[lab.id for lab in LABS])
def test_a_lab_holds(lab: contents.Lab, start_cloud: Callable[..., CloudThread]) -> None:
    server = start_cloud(iam="audit")
    assert attempt.prove(lab, server.cloud.endpoint) == []
