"""The examples of https://docs.aws.amazon.com/organizations/latest/userguide/inheritance-examples.html and beyond."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.organizations.inheritance import effective

CONTROL = "@@operators_allowed_for_child_policies"


def tags(key: str, **said: Any) -> dict[str, Any]:
    return {"tags": {key: said}}


A = tags("costcenter", tag_key={"@@assign": "CostCenter"}, tag_value={"@@assign": ["Development", "Support"]})


def test_assign_overwrites() -> None:
    b = tags("costcenter", tag_key={"@@assign": "CostCenter"}, tag_value={"@@assign": ["Sandbox"]},
             enforced_for={"@@assign": ["redshift:*", "dynamodb:table"]})
    assert effective([[A], [b]]) == tags("costcenter", tag_key="CostCenter", tag_value=["Sandbox"],
                                         enforced_for=["redshift:*", "dynamodb:table"])


def test_append_adds_and_remove_takes_away() -> None:
    c = tags("costcenter", tag_value={"@@append": ["Marketing", "Support"]}, enforced_for={"@@append": ["redshift:*"]})
    d = tags("costcenter", tag_value={"@@remove": ["Development", "Marketing"]}, enforced_for={"@@remove": ["redshift:*"]})
    assert effective([[A], [c]]) == tags("costcenter", tag_key="CostCenter", tag_value=["Development", "Support", "Marketing"],
                                         enforced_for=["redshift:*"])
    assert effective([[A], [c], [d]]) == tags("costcenter", tag_key="CostCenter", tag_value=["Support"])


def test_children_do_only_what_they_may() -> None:
    e = tags("project", tag_key={CONTROL: ["@@none"], "@@assign": "Project"},
             tag_value={CONTROL: ["@@append"], "@@assign": ["Maintenance"]})
    f = tags("project", tag_key={"@@assign": "PROJECT"}, tag_value={"@@append": ["Research"], CONTROL: ["@@all"]})
    g = tags("project", tag_value={"@@assign": ["Mine"], "@@remove": ["Maintenance"], "@@append": ["Last"]})
    assert effective([[e], [f], [g]]) == tags("project", tag_key="Project", tag_value=["Maintenance", "Research", "Last"])


def test_limits_of_one_level_intersect() -> None:
    g = tags("project", tag_value={CONTROL: ["@@append"], "@@assign": ["Maintenance"]})
    h = tags("project", tag_value={CONTROL: ["@@append", "@@remove"]})
    child = tags("project", tag_value={"@@remove": ["Maintenance"], "@@append": ["New"]})
    assert effective([[g, h], [child]]) == tags("project", tag_value=["Maintenance", "New"])


def test_the_first_of_a_level_has_its_way() -> None:
    j = tags("project", tag_key={"@@assign": "PROJECT"}, tag_value={"@@append": ["Maintenance"]})
    k = tags("project", tag_key={"@@assign": "project"})
    assert effective([[j, k]]) == tags("project", tag_key="PROJECT", tag_value=["Maintenance"])


def test_a_closed_container_takes_no_new_settings() -> None:
    closed = {"services": {CONTROL: ["@@none"], "default": {"opt_out_policy": {"@@assign": "optOut"}}}}
    child = {"services": {"lex": {"opt_out_policy": {"@@assign": "optIn"}}}}
    assert effective([[closed], [child]]) == {"services": {"default": {"opt_out_policy": "optOut"}}}


VALUES = st.lists(st.sampled_from("abcd"), max_size=3, unique=True)
OPERATORS = st.dictionaries(st.sampled_from(["@@assign", "@@append", "@@remove"]), VALUES, min_size=1, max_size=1)
POLICIES = st.dictionaries(st.sampled_from("xyz"), OPERATORS, min_size=1)


@given(st.lists(st.lists(POLICIES, max_size=3), max_size=4))
def test_a_root_that_locks_all_is_not_changed_below(levels: list[list[dict[str, Any]]]) -> None:
    lock = {key: {CONTROL: ["@@none"], "@@assign": ["kept"]} for key in "xyz"}
    assert effective([[lock], *levels]) == {key: ["kept"] for key in "xyz"}


@given(st.lists(st.lists(POLICIES, max_size=1), max_size=5))
def test_one_policy_a_level_is_a_fold(levels: list[list[dict[str, Any]]]) -> None:
    expected: dict[str, list[str]] = {}
    for policy in (p for level in levels for p in level):
        for key, said in policy.items():
            (operator, values), = said.items()
            old = expected.get(key, [])
            expected[key] = values if operator == "@@assign" else \
                old + [v for v in values if v not in old] if operator == "@@append" else [v for v in old if v not in values]
    assert effective(levels) == {key: values for key, values in expected.items() if values}
