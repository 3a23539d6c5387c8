"""Ratchets: house.lock holds the longest file and function of each folder, and the width of the kernel's face.

A change may lower a number, not raise it. One line a folder:

    src/cumulet/kernel/store  file 439  function 52  p95 31   # why it is above the target
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

TARGETS = {"file": 400, "function": 80, "p95": 45}
HEAD = """# The longest file and function of each folder, and the 95th percentile of its functions' lengths, in lines.
# A change may lower a number (python tools/house.py --fix), not raise it. Only folders above {file}, {function} or {p95} have a
# line, and each says why after #.
"""
Files = Sequence[tuple[str, int, list[int]]]         # name, lines, lines of each function


class Sizes(NamedTuple):
    """Of one folder."""

    file: int
    function: int
    p95: int


class Lock:
    """The file house.lock."""

    def __init__(self, root: Path) -> None:
        self.path = root / "house.lock"
        self.sizes: dict[str, Sizes] = {}
        self.reasons: dict[str, str] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            found = re.fullmatch(r"(\S+)\s+file (\d+)\s+function (\d+)\s+p95 (\d+)\s*(?:#\s*(.*))?", line)
            if found:
                self.sizes[found[1]] = Sizes(int(found[2]), int(found[3]), int(found[4]))
                self.reasons[found[1]] = found[5] or ""

    def check(self, files: Files) -> Iterator[tuple[str, str]]:
        """(place, mend) for each number that has grown, and each that is above the target without a reason."""
        for folder, now in measure(files).items():
            held = self.sizes.get(folder)
            if held is None:
                if any(now[i] > TARGETS[name] for i, name in enumerate(Sizes._fields)):
                    yield folder, f"is above the target ({now}): split it, or enter it into house.lock with a reason"
                continue
            for name, new, old in zip(Sizes._fields, now, held, strict=True):
                if new > max(old, TARGETS[name]):
                    yield folder, f"{_WORDS[name]} has grown from {old} to {new}: split it, or raise house.lock with a reason"
                if old > TARGETS[name] and not self.reasons[folder]:
                    yield f"house.lock: {folder}", f"{_WORDS[name]} is {old} lines (target {TARGETS[name]}): say why after #"

    def write(self, files: Files, raising: bool) -> None:
        """Write today's sizes; only lower ones, unless raising. Folders within the targets need no line."""
        lines = []
        for folder, now in sorted(measure(files).items()):
            held = self.sizes.get(folder, now)
            kept = now if raising else Sizes(*(min(pair) for pair in zip(now, held, strict=True)))
            if all(size <= TARGETS[name] for name, size in zip(Sizes._fields, kept, strict=True)):
                continue
            reason = f"   # {self.reasons[folder]}" if self.reasons.get(folder) else ""
            lines.append(f"{folder}  file {kept.file}  function {kept.function}  p95 {kept.p95}{reason}")
        self.path.write_text(HEAD.format(**TARGETS) + "".join(line + "\n" for line in lines))


_WORDS = {"file": "the longest file", "function": "the longest function", "p95": "the 95th percentile of its functions"}


def measure(files: Files) -> dict[str, Sizes]:
    """The sizes of each folder."""
    lengths: dict[str, list[int]] = {}
    functions: dict[str, list[int]] = {}
    for name, lines, inner in files:
        folder = str(PurePosixPath(name).parent)
        lengths.setdefault(folder, []).append(lines)
        functions.setdefault(folder, []).extend(inner)
    return {folder: Sizes(max(sizes), max(functions[folder], default=0), _percentile(functions[folder]))
            for folder, sizes in lengths.items()}


def _percentile(sizes: list[int]) -> int:
    """The 95th, of folders with enough functions to speak of one."""
    return sorted(sizes)[int(len(sizes) * 0.95)] if len(sizes) >= 20 else 0
