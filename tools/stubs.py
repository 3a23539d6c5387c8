"""Writes typing stubs of botocore's models into typings/ (not committed), for editors and the type checker.

    python tools/stubs.py [SERVICE…]        by default, of all services that are here

One TypedDict a structure, one Protocol `Client` a service, as `call.aws.<service>` behaves.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

from cumulet.faces.models import model
from models import apis

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "typings" / "aws"
SCALARS = {"string": "str", "character": "str", "integer": "int", "long": "int", "boolean": "bool", "double": "float",
           "float": "float", "timestamp": "float", "blob": "bytes"}


def snake(name: str) -> str:
    """SendMessage → send_message, as the operations' functions are named."""
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def annotation(shapes: dict[str, Any], name: str) -> str:
    """The type of a shape, structures by name."""
    shape = shapes[name]
    kind = shape["type"]
    if kind == "structure":
        return "Any" if shape.get("document") else f'"{name}"'
    if kind == "list":
        inner = shape["member"]["shape"]
        return "list[Any]" if inner == name else f"list[{annotation(shapes, inner)}]"
    if kind == "map":
        inner = shape["value"]["shape"]
        return "dict[str, Any]" if inner == name else f"dict[str, {annotation(shapes, inner)}]"
    return SCALARS[kind]


def stub(api: str) -> list[str]:
    """The lines of one service's stub."""
    raw = model(api)
    shapes = raw["shapes"]
    lines = ["from typing import Any, NotRequired, Protocol, TypedDict", ""]
    lines += [_structure(shapes, name) for name, shape in shapes.items()
              if shape["type"] == "structure" and not shape.get("exception") and not shape.get("document")]
    lines += ["", "class Client(Protocol):"]
    lines += [_method(shapes, name, operation) for name, operation in raw["operations"].items()]
    return lines


def _structure(shapes: dict[str, Any], name: str) -> str:
    required = set(shapes[name].get("required", ()))
    fields = []
    for member, target in shapes[name].get("members", {}).items():
        kind = annotation(shapes, target["shape"])
        fields.append(f'"{member}": ' + (kind if member in required else f"NotRequired[{kind}]"))
    return f'{name} = TypedDict("{name}", {{{", ".join(fields)}}})'


def _method(shapes: dict[str, Any], name: str, operation: dict[str, Any]) -> str:
    taken = shapes[operation["input"]["shape"]] if "input" in operation else {}
    required = set(taken.get("required", ()))
    members = sorted(taken.get("members", {}).items(), key=lambda pair: pair[0] not in required)
    arguments = "".join(f", {member}: {annotation(shapes, target['shape'])}" + ("" if member in required else " = ...")
                        for member, target in members if member.isidentifier())
    result = annotation(shapes, operation["output"]["shape"]) if "output" in operation else "dict[str, Any]"
    return f"    def {snake(name)}(self{', *' + arguments if arguments else ''}) -> {result}: ..."


def main() -> None:
    began = time.perf_counter()
    services = ROOT / "src" / "cumulet" / "services"
    wanted = sys.argv[1:] or [api for folder in sorted(services.iterdir()) if (folder / "__init__.py").exists()
                              for api in apis(folder.name, ROOT)]
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "__init__.pyi").write_text("")
    lines = 0
    for api in wanted:
        text = stub(api)
        lines += len(text)
        (TARGET / f"{api.replace('-', '_')}_.pyi").write_text("\n".join(text) + "\n")
    print(f"{len(wanted)} services, {lines} lines in {TARGET.relative_to(ROOT)}, {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
