"""What a service declares is checked when it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from cumulet.kernel import AwsError, catalog

SERVICE = 'from cumulet.kernel import Service\n\nSERVICE = Service(api="sqs", principal="sqs.amazonaws.com")\n'
TIMER = "from cumulet.kernel import Call, timer\n\n\n@timer\ndef sweep(call: Call) -> None:\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Of a made-up service, the only one there is."""
    services = tmp_path / f"made_up_{request.node.name}"
    service = services / "queues"
    service.mkdir(parents=True)
    (services / "__init__.py").touch()
    (service / "__init__.py").write_text(SERVICE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(catalog, "HOME", services)
    monkeypatch.setattr(catalog, "PACKAGE", services.name)
    return service


def test_two_timers_of_one_name_are_refused(folder: Path) -> None:
    (folder / "days.py").write_text(TIMER)
    (folder / "hours.py").write_text(TIMER)
    with pytest.raises(TypeError, match="queues: sweep is the name of two things done in the background"):
        catalog.Catalog(lambda kinds: None).load("sqs")


def test_what_is_absent_says_why(folder: Path) -> None:
    (folder / "__init__.py").write_text(SERVICE.replace('aws.com"', 'aws.com", absent={"*Permission": "nobody may"}'))
    found = catalog.Catalog(lambda kinds: None)
    with pytest.raises(AwsError, match=r"sqs:AddPermission is not implemented by cumulet: nobody may\. See"):
        found.promise("sqs", "AddPermission")
    with pytest.raises(AwsError, match=r"sqs:SendMessage is not implemented by cumulet\. See"):
        found.promise("sqs", "SendMessage")


def test_nothing_is_said_to_be_absent_that_no_model_has(folder: Path) -> None:
    (folder / "__init__.py").write_text(SERVICE.replace('aws.com"', 'aws.com", absent={"*Permissions": "nobody may"}'))
    with pytest.raises(TypeError, match=r"queues: \*Permissions is said to be absent, and is no operation that is missing"):
        catalog.Catalog(lambda kinds: None).load("sqs")
