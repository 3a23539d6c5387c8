"""Begins a service, an operation or a resource from AWS's model: signatures, addresses, fields, and a test that is red.

What is written is honest from the first moment: a new operation answers 501 by name until it does something.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from ..models import model, names, sentence
from .base import Failure

SCALARS = {"string": "str", "character": "str", "integer": "int", "long": "int", "boolean": "bool", "double": "float",
           "float": "float", "timestamp": "float", "blob": "bytes"}
SAMPLES = {"string": '"example"', "character": '"x"', "integer": "1", "long": "1", "boolean": "True", "double": "1.0",
           "float": "1.0", "timestamp": "0", "blob": 'b"example"', "list": "[]", "map": "{}", "structure": "{}"}
IMPORTS = {"Any": "from typing import Any", "Sequence": "from collections.abc import Sequence",
           "Mapping": "from collections.abc import Mapping", "Annotated": "from typing import Annotated"}
FACE = ("Call", "Resource", "Spool", "Tagging", "fixed", "not_implemented", "operation", "resource")
_WIDTH = 118


class Written(NamedTuple):
    """A file that was made or added to."""

    path: Path
    what: str


class Repository:
    """A checkout of cumulet."""

    def __init__(self, package: Path) -> None:
        self.root = package.parents[1]
        if not (self.root / "tools" / "house.py").exists():
            raise Failure("`cumulet new` writes into a checkout of cumulet; this one is an installed package.",
                          "git clone the repository, then:  make setup")

    def folder(self, api: str) -> Path:
        name = api.replace("-", "_")
        return self.root / "src" / "cumulet" / "services" / (name + "_" if keyword.iskeyword(name) else name)

    def service_folder(self, api: str) -> Path:
        folder = self.folder(api)
        if not (folder / "__init__.py").exists():
            raise Failure(f"There is no service {api} yet.", f"cumulet new service {api}")
        return folder


def known(api: str) -> dict[str, Any]:
    """The model of an API, or a sentence with near names."""
    if api not in (all_names := names()):
        import difflib

        near = ", ".join(difflib.get_close_matches(api, all_names, 3))
        raise Failure(f"botocore has no model {api!r}." + (f" Near: {near}." if near else ""))
    return model(api)


def new_service(repository: Repository, api: str) -> list[Written]:
    """The folder of a service: what it is, and room for its operations and resources."""
    raw = known(api)
    folder = repository.folder(api)
    if folder.exists():
        raise Failure(f"{folder.relative_to(repository.root)} is there already.", f"cumulet new operation {api} <Name>")
    title = raw["metadata"].get("serviceAbbreviation") or raw["metadata"]["serviceFullName"]
    about = sentence(raw.get("documentation", "")) or "its state and its API."
    about = textwrap.shorten(about, 110 - len(title), placeholder="…")
    init = _fill("service", title=title, sentence=about, api=api, principal=f"{_prefix(raw)}.amazonaws.com")
    files = {folder / "__init__.py": init,
             folder / "operations.py": f'"""The operations of {title}."""\n\nfrom __future__ import annotations\n',
             folder / "resources.py": f'"""What exists in {title}."""\n\nfrom __future__ import annotations\n'}
    return [_write(path, text) for path, text in files.items()]


def new_operation(repository: Repository, api: str, name: str, noun: str = "") -> list[Written]:
    """One operation with all members of the model (delete those that it will not honour), and its red test."""
    raw = known(api)
    if name not in raw["operations"]:
        raise Failure(f"{api} has no operation {name!r}.", f"See all:  cumulet coverage {api} --missing")
    folder = repository.service_folder(api)
    function = snake(name)
    if any(f"def {function}(" in p.read_text() for p in folder.rglob("*.py")):
        raise Failure(f"{api}:{name} is there already.")
    path = _file_of(folder, name, noun)
    said = raw["operations"][name]
    text = _fill("operation", naming="" if _camel(function) == name else f'(name="{name}")', function=function,
                 parameters=_parameters(raw, said, function), sentence=_short(said), page=page(raw, name), api=api, name=name)
    test = repository.root / "tests" / "services" / folder.name / f"test_{function}.py"
    from botocore import xform_name  # only needed here, and slow to import

    red = _fill("test", name=f"{api}:{name}", function=function, api=api, method=xform_name(name), arguments=_sample(raw, said),
                expectation=_expectation(raw, said))
    return [_append(path, text, f"Operations on {path.stem}."), _write(test, red)]


def new_resource(repository: Repository, type_name: str) -> list[Written]:
    """A resource by its CloudFormation type, its fields from the members of its create operation."""
    found = re.fullmatch(r"AWS::(\w+)::(\w+)", type_name)
    if not found:
        raise Failure(f"{type_name!r} is no CloudFormation type such as AWS::SQS::Queue.")
    api, noun = found[1].lower(), found[2]
    raw = known(api)
    folder = repository.service_folder(api)
    create = raw["operations"].get(f"Create{noun}") or raw["operations"].get(f"Put{noun}") or {}
    if "input" not in create:
        raise Failure(f"{api} has no Create{noun}: write the resource by hand.", "docs/writing-a-service.md")
    fields = raw["shapes"][create["input"]["shape"]]
    key = next((m for m in fields.get("required", ()) if m.endswith(("Name", "Id"))), f"{noun}Id")
    text = _fill("resource", type=type_name, id=key, prefix=_prefix(raw), missing=_missing(raw, noun), tags=_tags(raw, noun),
                 class_name=noun, noun=noun.lower(), sentence=f"One {noun}.", fields=_fields(raw, fields, noun, key))
    return [_append(folder / "resources.py", text, "What exists.")]


def page(raw: dict[str, Any], name: str) -> str:
    """AWS's page of an operation, by the address that all its SDKs' documentation uses."""
    return f"https://docs.aws.amazon.com/goto/WebAPI/{raw['metadata']['uid']}/{name}"


def _prefix(raw: dict[str, Any]) -> str:
    return str(raw["metadata"].get("signingName") or raw["metadata"]["endpointPrefix"])


def snake(name: str) -> str:
    """SendMessage → send_message."""
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)).lower()


def _camel(function: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in function.split("_"))


def _annotation(raw: dict[str, Any], shape_name: str) -> str:
    shape = raw["shapes"][shape_name]
    kind = shape["type"]
    if kind == "blob" and shape.get("streaming"):
        return "Spool | bytes"
    if kind == "list":
        inner = raw["shapes"][shape["member"]["shape"]]["type"]
        return f"Sequence[{SCALARS.get(inner, 'Mapping[str, Any]' if inner in ('structure', 'map') else 'Any')}]"
    if kind == "map":
        return f"Mapping[str, {SCALARS.get(raw['shapes'][shape['value']['shape']]['type'], 'Any')}]"
    return SCALARS.get(kind, "Mapping[str, Any]")


def _members(raw: dict[str, Any], said: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Members of the input, and those that are required."""
    shape = raw["shapes"][said["input"]["shape"]] if "input" in said else {}
    return shape.get("members", {}), list(shape.get("required", ()))


def _parameters(raw: dict[str, Any], said: dict[str, Any], function: str) -> str:
    members, required = _members(raw, said)
    texts = ["call: Call"]
    texts += [f"{m}: {_annotation(raw, members[m]['shape'])}" for m in members if m in required]
    texts += [f"{m}: {_annotation(raw, target['shape'])} | None = None" for m, target in members.items() if m not in required]
    return _wrap(texts, len(f"def {function}("))


def _sample(raw: dict[str, Any], said: dict[str, Any]) -> str:
    members, required = _members(raw, said)
    texts = []
    for name in required:
        shape = raw["shapes"][members[name]["shape"]]
        texts.append(f"{name}=" + (f'"{shape["enum"][0]}"' if "enum" in shape else SAMPLES[shape["type"]]))
    return _wrap(texts, 8)


def _expectation(raw: dict[str, Any], said: dict[str, Any]) -> str:
    """What a good answer has: the first member that the output must have, or at least status 200."""
    shape = raw["shapes"][said["output"]["shape"]] if "output" in said else {}
    first = next(iter([*shape.get("required", ()), *shape.get("members", {})]), "")
    return f'"{first}" in answer' if first else 'answer["ResponseMetadata"]["HTTPStatusCode"] == 200'


def _wrap(texts: list[str], indent: int) -> str:
    lines, line = [], ""
    for text in texts:
        if line and indent + len(line) + len(text) > _WIDTH:
            lines.append(line + ",")
            line = text
        else:
            line += (", " if line else "") + text
    return ("\n" + " " * indent).join([*lines, line])


def _fields(raw: dict[str, Any], shape: dict[str, Any], noun: str, key: str) -> str:
    update = raw["operations"].get(f"Update{noun}") or raw["operations"].get(f"Modify{noun}") or {}
    changeable = set(raw["shapes"][update["input"]["shape"]]["members"]) if "input" in update else set()
    lines = [f"    {key}: Annotated[str, fixed]"]
    for name, target in shape["members"].items():
        if name == key or name.lower() in ("tags", "clienttoken", "clientrequesttoken", "dryrun"):
            continue
        kind = f"{_annotation(raw, target['shape'])} | None"
        lines.append(f"    {name}: {kind} = None" if name in changeable else f"    {name}: Annotated[{kind}, fixed] = None")
    return "\n".join(lines)


def _missing(raw: dict[str, Any], noun: str) -> str:
    for verb in ("Describe", "Get", "Delete"):
        for entry in raw["operations"].get(f"{verb}{noun}", {}).get("errors", ()):
            if re.search(r"NotFound|NotExist|NoSuch|NonExist", entry["shape"]):
                return str(entry["shape"])
    return "ResourceNotFoundException"


def _tags(raw: dict[str, Any], noun: str) -> str:
    for tag, untag, listing in (("TagResource", "UntagResource", "ListTagsForResource"),
                                ("TagResource", "UntagResource", "ListTags"),
                                (f"Tag{noun}", f"Untag{noun}", f"List{noun}Tags")):
        if {tag, untag, listing} <= raw["operations"].keys():
            return f'Tagging("{tag}", "{untag}", "{listing}")'
    return '"The API has no operations for tags."'


def _short(said: dict[str, Any]) -> str:
    text = sentence(said.get("documentation", "")).replace('"', "'")
    return textwrap.shorten(text, 116, placeholder="…") or "See AWS's page."


def _file_of(folder: Path, name: str, noun: str) -> Path:
    """`operations.py`, or the file of the operation's noun where there is a folder `operations/`."""
    if not (folder / "operations").is_dir():
        return folder / "operations.py"
    if noun:
        return folder / "operations" / f"{noun}.py"
    last = snake(name).rpartition("_")[2]
    plural = last if last.endswith("s") else last + "s"
    return folder / "operations" / f"{plural}.py"


def _fill(template: str, **words: str) -> str:
    text = (resources.files(__package__) / "templates" / f"{template}.py.txt").read_text()
    return Template(text).substitute(words)


def _write(path: Path, text: str) -> Written:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Written(path, "written")


def _append(path: Path, text: str, title: str) -> Written:
    """Add to a file, with the imports that the addition needs."""
    old = path.read_text() if path.exists() else f'"""{title}"""\n\nfrom __future__ import annotations\n'
    needed = [line for word, line in IMPORTS.items()
              if re.search(rf"\b{word}\b", text) and not re.search(rf"import.*\b{word}\b", old)]
    taken = [word for word in FACE if re.search(rf"\b{word}\b", text)]
    head, mark, rest = old.partition("from __future__ import annotations\n")
    if not mark:
        docstring = re.match(r'""".*?"""\n', old, re.S)
        head = docstring[0] + "\n" if docstring else ""
        rest = old[len(docstring[0]) if docstring else 0:]
        mark = "from __future__ import annotations\n"
    imports = "\n".join([*needed, f"from cumulet.kernel import {', '.join(taken)}"])
    _write(path, f"{head}{mark}\n{imports}\n{rest.rstrip()}\n{text}")
    return Written(path, "added to")
