"""The way of a request (fuzzing.py) under atheris, which is led by coverage to inputs that chance would not find.

    pip install -e '.[fuzz]';  python tests/kernel/wire/guided.py -atheris_runs=200000 [-max_len=4096] [folder of a corpus]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parent)]
with atheris.instrument_imports(include=["cumulet.kernel.wire", "cumulet.kernel.access", "cumulet.kernel.http"]):
    from fuzzing import Fuzzer


FUZZER = Fuzzer(1, wide=False)


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Now libFuzzer's own changes, now ours, now a request of the corpus from which to begin anew."""
    chance = random.Random(seed)
    kind = chance.random()
    if kind < 0.1 or len(data) < 20:
        return FUZZER.input(seed)[:size]
    if kind < 0.6:
        return FUZZER.damager.damaged(chance, data)[:size]
    return bytes(atheris.Mutate(data, size))


def main() -> None:
    def one(data: bytes) -> None:
        FUZZER.way.go(data)

    with FUZZER.way.known_keys():
        atheris.Setup(sys.argv, one, custom_mutator=lambda data, size, seed: mutate(bytes(data), size, seed))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
