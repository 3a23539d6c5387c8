"""The house check (tools/house.py) and the contracts of imports, as tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from house import RULES, House

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def house() -> House:
    return House(ROOT)


@pytest.mark.parametrize("name", RULES)
def test_the_house_keeps_its_rules(house: House, name: str) -> None:
    breaches = list(RULES[name](house))
    assert not breaches, "\n".join(map(str, breaches))


def test_imports_only_go_down() -> None:
    ran = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


BAD = {
    "src/cumulet/__init__.py": '"""A package."""\n',
    "src/cumulet/kernel/__init__.py": '"""The face."""\nfrom .call import Call\n__all__ = ["Other"]\n',
    "src/cumulet/kernel/call.py": "class Call:\n    a = 1\n    b = 2\n    c = 3\n    d = 4\n    e = 5\n",
    "src/cumulet/kernel/utils.py": '"""Everything."""\n# return foo(1)\ndef unused() -> None:\n    import json\n'
                                   '    try:\n        json.loads("")\n    except Exception:\n        pass\n',
    "src/cumulet/services/sqs/__init__.py": '"""SQS."""\nimport x\nx = 1\nSERVICE = Service(api="sqs")\n',
    "src/cumulet/services/sqs/odd.py": '"""Odd."""\nimport time\nfrom cumulet.kernel import error\nstate = {}\n'
                                       "class Base(dict):\n    pass\n"
                                       '@resource("Queue", id="x")\nclass Queue(Base):\n    pass\n'
                                       "@operation\ndef send_message(call, **rest):\n    call.aws.sns.publish()\n"
                                       "    raise error.NoSuchThing('/home" + "/somebody/x')  # TO" + "DO\n",
    "pyproject.toml": "", "tests/test_x.py": "", "docs/x.md": "",
}


def test_every_rule_finds_its_breach(tmp_path: Path) -> None:
    for name, text in BAD.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "src/cumulet/kernel/long.py").write_text('"""Long."""\n' * 500)
    house = House(tmp_path)
    silent = [name for name, run in RULES.items() if not list(run(house))]
    assert silent == []
