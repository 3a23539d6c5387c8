"""Seals: who can open them, where the machine's key lies, and what happens when it is not there."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Any

import pytest

from cumulet.kernel.access.sealing import Sealing
from cumulet.kernel.store.keyring import MachineKey, SealingProblem

SECRET = b"a secret that lies nowhere readable"


def seal(opened: Any, plain: bytes = SECRET, context: bytes = b"") -> bytes:
    sealing = Sealing(opened.store)
    sealed: bytes = opened.run(lambda tx: sealing.seal(tx, plain, context))
    return sealed


def unseal(opened: Any, sealed: bytes, context: bytes = b"") -> bytes:
    sealing = Sealing(opened.store)
    opened.run(sealing.check)
    plain: bytes = opened.run(lambda tx: sealing.unseal(tx, sealed, context))
    return plain


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUMULET_MACHINE_KEY", raising=False)


def test_what_was_sealed_is_read_with_the_same_context_only_and_after_a_restart(opened: Any) -> None:
    sealed = seal(opened, context=b"here")
    assert SECRET not in sealed
    assert seal(opened, context=b"here") != sealed
    opened.reopen()
    assert unseal(opened, sealed, b"here") == SECRET
    for wrong, context in ((sealed, b"there"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"here"), (b"short", b"here"),
                           (b"\x02" + sealed[1:], b"here")):
        with pytest.raises(SealingProblem):
            unseal(opened, wrong, context)


def test_one_process_seals_and_unseals_in_one_transaction_that_may_fail(opened: Any) -> None:
    sealing = Sealing(opened.store)

    def work(tx: Any) -> None:
        assert sealing.unseal(tx, sealing.seal(tx, SECRET, b""), b"") == SECRET
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        opened.run(work)
    sealed = opened.run(lambda tx: sealing.seal(tx, SECRET, b""))
    opened.reopen()
    assert unseal(opened, sealed) == SECRET


def test_the_key_is_in_a_file_of_its_owner_or_in_the_shared_store(opened: Any) -> None:
    seal(opened)
    path = Path(opened.store.folder) / "machine.key"
    row = opened.run(lambda tx: tx.table(MachineKey, "", "").get("current"))
    if opened.url:
        assert not path.exists()
        assert len(row.key) == 32
    else:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(base64.b64decode(path.read_text())) == 32
        assert row.key is None


@pytest.mark.parametrize("kind", ["sqlite"])
def test_without_its_key_a_state_does_not_open_and_gets_no_new_one(opened: Any) -> None:
    sealed = seal(opened)
    path = Path(opened.store.folder) / "machine.key"
    text = path.read_text()
    for wrong in (None, base64.b64encode(bytes(32)).decode(), "", "rubbish", base64.b64encode(b"short").decode()):
        path.unlink(missing_ok=True)
        if wrong is not None:
            path.write_text(wrong)
        with pytest.raises(SealingProblem, match="machine key"):
            unseal(opened, sealed)
        with pytest.raises(SealingProblem, match="machine key"):
            seal(opened)
        assert (path.read_text() if path.exists() else None) == wrong
    path.write_text(text)
    assert unseal(opened, sealed) == SECRET


def test_a_key_of_the_environment_is_stored_nowhere(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = base64.b64encode(bytes(range(32))).decode()
    monkeypatch.setenv("CUMULET_MACHINE_KEY", given)
    sealed = seal(opened)
    assert not (Path(opened.store.folder) / "machine.key").exists()
    assert opened.run(lambda tx: tx.table(MachineKey, "", "").get("current").key) is None
    monkeypatch.setenv("CUMULET_MACHINE_KEY", base64.b64encode(bytes(32)).decode())
    with pytest.raises(SealingProblem, match="CUMULET_MACHINE_KEY is another one"):
        unseal(opened, sealed)
    monkeypatch.setenv("CUMULET_MACHINE_KEY", base64.b64encode(bytes(32)).decode() + "," + given)
    assert unseal(opened, sealed) == SECRET
    monkeypatch.setenv("CUMULET_MACHINE_KEY", "rubbish")
    with pytest.raises(SealingProblem, match="holds no machine key"):
        unseal(opened, sealed)


def test_a_snapshot_carries_the_key_to_another_state(opened: Any, tmp_path: Path) -> None:
    sealed = seal(opened)
    opened.store.snapshot(str(tmp_path / "snap"))
    opened.store.reset()
    assert unseal(opened, sealed) == SECRET
    if opened.url:
        opened.run(lambda tx: tx.table(MachineKey, "", "").delete_all())
    else:
        opened.call(opened.store.close())
        for file in ("machine.key", "state.sqlite"):
            (opened.folder / file).unlink()
        opened.open()
    other = seal(opened, b"of the other state")
    opened.store.restore(str(tmp_path / "snap"))
    assert unseal(opened, sealed) == SECRET
    assert unseal(opened, seal(opened)) == SECRET
    if not opened.url:
        assert len((opened.folder / "machine.key").read_text().split()) == 2
        assert unseal(opened, other) == b"of the other state"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_snapshot_without_its_key_is_not_restored(opened: Any, tmp_path: Path) -> None:
    seal(opened)
    opened.store.snapshot(str(tmp_path / "snap"))
    (tmp_path / "snap" / "machine.key").unlink()
    opened.call(opened.store.close())
    for file in ("machine.key", "state.sqlite"):
        (opened.folder / file).unlink()
    opened.open()
    mine = seal(opened)
    with pytest.raises(SealingProblem, match="machine key"):
        opened.store.restore(str(tmp_path / "snap"))
    assert unseal(opened, mine) == SECRET


@pytest.mark.parametrize("kind", ["postgres"])
def test_nodes_share_the_key_and_see_a_restore(opened: Any, second: Any, tmp_path: Path) -> None:
    here, there = Sealing(opened.store), Sealing(second.store)
    sealed = opened.run(lambda tx: here.seal(tx, SECRET, b""))
    assert second.run(lambda tx: there.unseal(tx, sealed, b"")) == SECRET
    opened.store.snapshot(str(tmp_path / "snap"))
    opened.run(lambda tx: tx.table(MachineKey, "", "").delete_all())
    later = second.run(lambda tx: there.seal(tx, b"later", b""))
    assert opened.run(lambda tx: here.unseal(tx, later, b"")) == b"later"
    opened.store.restore(str(tmp_path / "snap"))
    again = second.run(lambda tx: there.seal(tx, SECRET, b""))
    opened.reopen()
    assert unseal(opened, again) == SECRET
