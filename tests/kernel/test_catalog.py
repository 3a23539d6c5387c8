"""What a service declares is checked when it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from cumulet.kernel import catalog

SERVICE = 'from cumulet.kernel import Service\n\nSERVICE = Service(api="sqs", principal="sqs.amazonaws.com")\n'
TIMER = "from cumulet.kernel import Call, timer\n\n\n@timer\ndef sweep(call: Call) -> None:\n    pass\n"


def test_two_timers_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = tmp_path / "made_up_services" / "queues"
    service.mkdir(parents=True)
    (service.parent / "__init__.py").touch()
    (service / "__init__.py").write_text(SERVICE)
    (service / "days.py").write_text(TIMER)
    (service / "hours.py").write_text(TIMER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(catalog, "HOME", service.parent)
    monkeypatch.setattr(catalog, "PACKAGE", service.parent.name)
    with pytest.raises(TypeError, match="queues: sweep is the name of two things done in the background"):
        catalog.Catalog(lambda kinds: None).load("sqs")
