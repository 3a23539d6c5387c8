"""What follows from a declaration, tested once for every resource that any service declares.

A resource gets these tests by being declared; all that it has to bring is a sample here: properties as CloudFormation
writes them, and one change that needs no replacement.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Cloud, Start, new_account
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.call import Call
from cumulet.kernel.catalog import Catalog
from cumulet.kernel.cloud import CloudThread
from cumulet.kernel.declare import Tagging, about, stored_of
from cumulet.kernel.errors import AwsError
from cumulet.kernel.resources import lifecycle
from cumulet.kernel.resources.arns import matcher, parse_arn
from samples import BORN_WITH_ANOTHER, SAMPLES

TYPES = sorted(Catalog(lambda kinds: None).types())
MADE = [t for t in TYPES if t not in BORN_WITH_ANOTHER]
_numbers = itertools.count(1)


class Here:
    """One account and region of a cloud, where resources are made without HTTP."""

    def __init__(self, thread: CloudThread, account: str = "", region: str = "us-east-1") -> None:
        self.thread, self.account, self.region = thread, account or new_account(), region

    def do(self, fn: Callable[[Call], Any]) -> Any:
        cloud = self.thread.cloud
        return self.thread.call(cloud.store.run(lambda tx: fn(
            Call(cloud, tx, "cloudcontrol", "Test", self.account, self.region, root_of(self.account), cloud.clock.now(),
                 endpoint=cloud.endpoint))))

    def make(self, type_name: str, **more: Any) -> tuple[str, ...]:
        properties = SAMPLES[type_name].properties(self) | more
        return self.do(lambda call: lifecycle.create(call, type_name, properties))

    def unique(self) -> str:
        return f"{next(_numbers)}-{self.account}"


@pytest.fixture
def here(shared_cloud: CloudThread) -> Here:
    return Here(shared_cloud)


def kind_of(here: Here, type_name: str) -> Any:
    return here.thread.cloud.catalog.resource(type_name)


def test_every_declared_resource_has_a_sample() -> None:
    assert set(SAMPLES) == set(MADE)


@pytest.mark.parametrize("type_name", MADE)
def test_it_is_made_read_and_listed(here: Here, type_name: str) -> None:
    key = here.make(type_name)
    told = here.do(lambda call: lifecycle.read(call, type_name, key))
    for name, value in SAMPLES[type_name].properties(here).items():
        if name in told and name not in SAMPLES[type_name].differs:
            assert told[name] == value or isinstance(value, (dict, str)), name
    assert key in here.do(lambda call: lifecycle.every(call, type_name))


@pytest.mark.parametrize("type_name", MADE)
def test_its_arn_names_it_and_nothing_else(here: Here, type_name: str) -> None:
    kind, key = kind_of(here, type_name), here.make(type_name)
    text = here.do(lambda call: call.arn(call.get(kind, *key)))
    arn = parse_arn(text)
    assert arn is not None
    assert arn.account in (here.account, "")
    assert arn.region in (here.region, "")
    assert matcher(about(kind).arn).fullmatch(text)
    assert "{" not in text


@pytest.mark.parametrize("type_name", MADE)
def test_another_account_and_region_do_not_see_it(here: Here, type_name: str) -> None:
    kind, key = kind_of(here, type_name), here.make(type_name)
    scope = stored_of(kind).scope
    assert key not in Here(here.thread).do(lambda call: lifecycle.every(call, type_name))
    elsewhere = Here(here.thread, here.account, "eu-west-3")
    assert (key in elsewhere.do(lambda call: lifecycle.every(call, type_name))) == (scope != "region")


@pytest.mark.parametrize("type_name", MADE)
def test_a_missing_one_is_told_by_its_declared_error(here: Here, type_name: str) -> None:
    kind = kind_of(here, type_name)
    here.make(type_name)
    none = tuple(f"none-{i}" for i, _ in enumerate(about(kind).id))
    with pytest.raises(AwsError) as problem:
        here.do(lambda call: lifecycle.read(call, type_name, none))
    assert problem.value.code == about(kind).missing


@pytest.mark.parametrize("type_name", MADE)
def test_unknown_properties_are_refused_by_name(here: Here, type_name: str) -> None:
    with pytest.raises(AwsError, match="Nonsense") as problem:
        here.make(type_name, Nonsense="1")
    assert problem.value.status == 501


@pytest.mark.parametrize("type_name", MADE)
def test_it_is_changed_in_place(here: Here, type_name: str) -> None:
    sample = SAMPLES[type_name]
    if not sample.change:
        assert sample.no_change, f"{type_name}: give a change, or say why there is none"
        return
    before = sample.properties(here)
    key = here.do(lambda call: lifecycle.create(call, type_name, before))
    after = {k: v for k, v in before.items() if k in sample.change or k not in sample.differs} | sample.change
    before = {k: v for k, v in before.items() if k in after}
    here.do(lambda call: lifecycle.update(call, type_name, key, before, after))
    told = here.do(lambda call: lifecycle.read(call, type_name, key))
    for name, value in sample.change.items():
        assert told[name] == value, name


@pytest.mark.parametrize("type_name", MADE)
def test_its_tags_come_and_go(here: Here, type_name: str) -> None:
    kind = kind_of(here, type_name)
    tagging = about(kind).tags
    if not isinstance(tagging, Tagging):
        assert tagging, f"{type_name} declares neither tags nor why it has none"
        return
    before = SAMPLES[type_name].properties(here) | {"Tags": [{"Key": "a", "Value": "1"}]}
    key = here.do(lambda call: lifecycle.create(call, type_name, before))
    after = before | {"Tags": [{"Key": "b", "Value": "2"}]}
    here.do(lambda call: lifecycle.update(call, type_name, key, before, after))
    told = here.do(lambda call: lifecycle.read(call, type_name, key))
    assert told["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.parametrize("type_name", MADE)
def test_a_failed_creation_leaves_nothing(here: Here, type_name: str) -> None:
    properties = SAMPLES[type_name].properties(here)

    def made_then_failed(call: Call) -> None:
        lifecycle.create(call, type_name, properties)
        raise LookupError("on purpose")

    count = len(here.do(lambda call: lifecycle.every(call, type_name)))
    with pytest.raises(LookupError):
        here.do(made_then_failed)
    assert len(here.do(lambda call: lifecycle.every(call, type_name))) == count


@pytest.mark.parametrize("type_name", MADE)
def test_it_is_deleted(here: Here, type_name: str) -> None:
    key = here.make(type_name)
    here.do(lambda call: lifecycle.delete(call, type_name, key))
    here.thread.call(here.thread.cloud.move_clock(here.thread.cloud.clock.now() + 120))
    assert key not in here.do(lambda call: lifecycle.every(call, type_name))


def test_all_of_them_survive_a_restart(start_cloud: Start, tmp_path: Path) -> None:
    first = Here(start_cloud(data=tmp_path / "state"))
    keys = {t: first.make(t) for t in MADE}
    before = {t: first.do(lambda call, t=t: lifecycle.read(call, t, keys[t])) for t in MADE}
    first.thread.stop()
    second = Here(start_cloud(data=tmp_path / "state"), first.account)
    assert {t: second.do(lambda call, t=t: lifecycle.read(call, t, keys[t])) for t in MADE} == before


def test_all_of_an_account_goes_with_a_reset(here: Here, cloud: Cloud) -> None:
    kept = {t: Here(here.thread, cloud.account).make(t) for t in MADE}
    keys = {t: here.make(t) for t in MADE}
    here.thread.call(here.thread.cloud.reset(here.account))
    for t in MADE:
        assert keys[t] not in here.do(lambda call, t=t: lifecycle.every(call, t)), t
        assert kept[t] in Here(here.thread, cloud.account).do(lambda call, t=t: lifecycle.every(call, t)), t


def test_types_are_named_as_cloudformation_names_them() -> None:
    assert all(re.fullmatch(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+", t) for t in TYPES)
