"""Documents that cannot lie: names, commands, settings and routes that exist are told, and links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

import cumulet.kernel as face
from cumulet.faces.cli.knobs import KNOBS
from cumulet.faces.cli.main import cli
from cumulet.faces.control import ROUTES

ROOT = Path(__file__).parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def text(name: str) -> str:
    return (ROOT / name).read_text()


def anchors(markdown: str) -> set[str]:
    """The anchors of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", markdown, flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", h)).strip().lower().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    prose = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
    for target in LINK.findall(prose):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name).resolve() if name else path
        assert found.exists(), f"{path.name} links to {target}"
        if anchor:
            assert anchor in anchors(found.read_text()), f"{path.name} links to {target}"


def test_every_page_is_found_from_the_index() -> None:
    """docs/README.md links each page, or the folder that it is in, which has an index or speaks for itself."""
    linked = {(ROOT / "docs" / t).resolve() for t in LINK.findall(text("docs/README.md"))}
    for page in (ROOT / "docs").glob("*.md"):
        assert page in linked or page.name == "README.md", f"docs/README.md does not link {page.name}"
    index = text("docs/decisions/README.md")
    for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        assert page.name in index, f"docs/decisions/README.md does not list {page.name}"


@pytest.mark.parametrize("name", face.__all__)
def test_every_name_of_the_face_is_told(name: str) -> None:
    assert re.search(rf"\b{name}\b", text("docs/writing-a-service.md")), f"docs/writing-a-service.md does not tell of {name}"


COMMANDS = cli.list_commands(click.Context(cli))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_told(name: str) -> None:
    assert f"`cumulet {name}" in text("docs/cli.md")


@pytest.mark.parametrize("knob", KNOBS, ids=lambda k: k.name)
def test_every_setting_is_told(knob: object) -> None:
    name = knob.name                                                        # type: ignore[attr-defined]
    assert f"| `--{name}` | `CUMULET_{name.upper().replace('-', '_')}` | `{name}` |" in text("docs/cli.md")


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES}))
def test_every_route_of_the_control_api_is_told(path: str) -> None:
    assert path in text("docs/cli.md")


def test_no_command_is_told_that_is_not_there() -> None:
    for path in DOCS:
        for name in re.findall(r"(?:`|\$ )cumulet ([a-z]+)", path.read_text()):
            assert name in COMMANDS, f"{path.name} tells of `cumulet {name}`"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    told = text("docs/dependencies.md")
    for requirement in wanted:
        name = re.split(r"[\[><=;\s]", requirement)[0]
        assert name == "cumulet" or f"`{name}`" in told, f"docs/dependencies.md does not tell of {name}"


def test_every_service_has_its_page() -> None:
    for folder in (ROOT / "src" / "cumulet" / "services").iterdir():
        if (folder / "__init__.py").exists():
            assert (ROOT / "docs" / "services" / f"{folder.name.rstrip('_')}.md").exists(), f"no docs/services/{folder.name}.md"


def test_make_targets_that_are_told_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.M))
    for path in DOCS:
        for name in re.findall(r"(?:`|\$ )(?:\w+=\w+ )?make ([a-z]+)", path.read_text()):
            assert name in targets, f"{path.name} tells of `make {name}`"
