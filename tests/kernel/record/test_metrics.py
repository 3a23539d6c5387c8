"""How samples of metrics are told."""

from __future__ import annotations

import pytest

from cumulet.kernel.record.metrics import few


def test_of_very_many_durations_three_digits_are_kept() -> None:
    exact = {n / 100: 1 for n in range(100, 250)}
    assert few(exact) == exact
    kept = few({n / 100: 2 for n in range(100, 3100)})
    assert (len(kept), sum(kept.values())) == (1111, 6000)
    assert sum(value * often for value, often in kept.items()) == pytest.approx(2 * sum(range(100, 3100)) / 100, rel=1e-4)
