"""The decisions that AWS's documentation gives: the simulator and `explain` give them too."""

from __future__ import annotations

from typing import Any

import pytest

from access import corpus
from access.judge import Judge, placed
from conftest import Cloud
from cumulet.kernel import Call
from cumulet.kernel.access.contract import root_of


def within(cloud: Cloud, fn: Any) -> Any:
    """Run something as a call of an account's root."""
    kernel = cloud.kernel

    def work(tx: Any) -> Any:
        return fn(Call(kernel, tx, "iam", "SimulatePrincipalPolicy", corpus.HOME, "us-east-1", root_of(corpus.HOME),
                       kernel.clock.now()))

    return cloud.thread.call(kernel.store.run(work))


def wrong(call: Call, case: corpus.Case) -> list[str]:
    """Each decision of a case that is not as documented."""
    with placed(case):
        judge, found = Judge(call, case), []
        for ask in case.asks:
            answers = {"explain": judge.explained(ask)}
            if not (case.exclusive or case.endpoint):            # of policies of endpoints AWS's simulator knows nothing either
                answers["simulate"] = judge.simulated(ask)
            if set(answers.values()) != {ask.answer}:
                found.append(f"{case.page}\n  {case.it}, {case.caller}\n  {ask}\n  got {answers}")
        return found


@pytest.mark.parametrize("name", corpus.files())
def test_decisions_are_as_documented(cloud: Cloud, name: str) -> None:
    cases = corpus.cases(name)
    problems = within(cloud, lambda call: [p for case in cases for p in wrong(call, case)])
    assert not problems, f"{len(problems)} decisions\n" + "\n".join(problems[:8])


def test_each_decision_has_its_page() -> None:
    pages = {case.page for name in corpus.files() for case in corpus.cases(name)}
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in pages)
