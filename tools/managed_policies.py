"""Packs AWS's managed policies for the program: `python tools/managed_policies.py WHEEL`.

WHEEL is a wheel of `moto` (Apache-2.0), of which one data file is read: AWS's own catalogue, as `ListPolicies` and
`GetPolicyVersion` of AWS tell it. The result is gzip of several members: the first tells name, path, version, dates and
block of each policy, and where the blocks lie; each further one holds the documents of some policies, one a line. So a
policy is found by unpacking two small pieces, and `zcat` shows the whole.
"""

from __future__ import annotations

import ast
import gzip
import json
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src/cumulet/kernel/access/aws_managed_policies.json.gz"
_MEMBER = "moto/iam/aws_managed_policies.py"
_IN_BLOCK = 32


def read(wheel: Path) -> dict[str, Any]:
    """The catalogue, by the policies' names."""
    tree = ast.parse(zipfile.ZipFile(wheel).read(_MEMBER))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    found: dict[str, Any] = json.loads(max(texts, key=len))
    return found


def pack(catalogue: dict[str, Any]) -> bytes:
    """The file."""
    names = sorted(catalogue, key=lambda name: catalogue[name]["Path"] + name)
    blocks = []
    for start in range(0, len(names), _IN_BLOCK):
        lines = [json.dumps(catalogue[name]["Document"], separators=(",", ":")) for name in names[start:start + _IN_BLOCK]]
        blocks.append(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))
    offsets = [sum(map(len, blocks[:i])) for i in range(len(blocks))]
    policies = [[name, one["Path"], one["DefaultVersionId"], _seconds(one["CreateDate"]), _seconds(one["UpdateDate"])]
                for name, one in ((name, catalogue[name]) for name in names)]
    index = json.dumps({"in_block": _IN_BLOCK, "offsets": offsets, "policies": policies}, separators=(",", ":")) + "\n"
    return gzip.compress(index.encode(), 9, mtime=0) + b"".join(blocks)


def _seconds(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()


def main() -> None:
    packed = pack(read(Path(sys.argv[1])))
    TARGET.write_bytes(packed)
    print(f"{TARGET}: {len(packed)} bytes")


if __name__ == "__main__":
    main()
