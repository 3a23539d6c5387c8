"""The labs of this installation: a folder each, with `lab.yaml`, `lab.md`, `checks.py` and a solution."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

# In an installed package they lie beside the code; in a checkout at its top.
_PLACES = (Path(__file__).parents[2] / "labs", Path(__file__).parents[4] / "labs")


class Task(NamedTuple):
    """One thing to reach. goal: what, not how.  hints: from a nudge to the command."""

    id: str
    goal: str
    hints: tuple[str, ...]


class Lab(NamedTuple):
    """What `lab.yaml` says. level: certificates that ask for it.  services: as botocore names them.  accounts: how many an
    attempt has."""

    id: str
    title: str
    level: tuple[str, ...]
    minutes: int
    services: tuple[str, ...]
    accounts: int
    tasks: tuple[Task, ...]
    folder: Path

    @property
    def text(self) -> str:
        """What a person reads."""
        return (self.folder / "lab.md").read_text()

    def checks(self) -> dict[str, Callable[[Any], None]]:
        """Task → its check: the functions of `checks.py`, named as the tasks."""
        module = _module(self.folder / "checks.py")
        return {task.id: getattr(module, task.id) for task in self.tasks}

    def solution(self) -> Callable[[Any], None] | Path:
        """`solve` of `solution.py`, or the script `solution.sh`."""
        script = self.folder / "solution.sh"
        if script.exists():
            return script
        solve: Callable[[Any], None] = _module(self.folder / "solution.py").solve
        return solve


class Malformed(Exception):
    """A lab's folder that does not say what it should."""


def home() -> Path:
    """Where the labs lie."""
    return next((place for place in _PLACES if place.is_dir()), _PLACES[0])


def all_labs() -> list[Lab]:
    """Every lab, in order of the ids."""
    return [read(folder) for folder in sorted(home().iterdir()) if (folder / "lab.yaml").exists()]


def find(name: str) -> Lab | None:
    """By its id, or its number alone (`L02`)."""
    return next((lab for lab in all_labs() if name.lower() in (lab.id.lower(), lab.id.partition("-")[0].lower())), None)


@lru_cache(256)
def read(folder: Path) -> Lab:
    """Raises Malformed."""
    import yaml

    said = yaml.safe_load((folder / "lab.yaml").read_text())
    try:
        tasks = tuple(Task(t["id"], t["goal"], tuple(t["hints"])) for t in said["tasks"])
        lab = Lab(said["id"], said["title"], tuple(said["level"]), said["minutes"], tuple(said["services"]),
                  said.get("accounts", 1), tasks, folder)
    except (KeyError, TypeError) as problem:
        raise Malformed(f"{folder.name}/lab.yaml: {problem!r}") from None
    if lab.id != folder.name or not tasks or any(not task.hints for task in tasks):
        raise Malformed(f"{folder.name}/lab.yaml: the id is the folder's name, and each task has a goal and hints")
    return lab


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"lab_{path.parent.name}_{path.stem}".replace("-", "_"), path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if path.stem == "checks":
        for name, fn in vars(module).items():
            if inspect.isfunction(fn) and fn.__module__ == module.__name__ and not fn.__doc__ and not name.startswith("_"):
                raise Malformed(f"{path.parent.name}/checks.py: {name} has no docstring that says what holds")
    return module
