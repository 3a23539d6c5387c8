"""Where settings come from, and what is said of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from cumulet.faces.cli.base import Failure
from cumulet.faces.cli.config import Config, resolve


def config(folder: Path, environ: dict[str, str] | None = None, **flags: object) -> Config:
    return resolve(flags, environ or {}, folder, folder / "home")


def test_flags_win_over_variables_over_aliases_over_files(tmp_path: Path) -> None:
    user = tmp_path / "home" / ".config" / "cumulet"
    user.mkdir(parents=True)
    (user / "config.toml").write_text('iam = "off"\nhost = "0.0.0.1"\nspeed = "real"\nport = 1\ndata = "user"\n')
    (tmp_path / "cumulet.toml").write_text('iam = "enforce"\nhost = "0.0.0.2"\nport = [2, 22]\ndata = "project"\n')
    environ = {"CUMULET_PORT": "4,44", "CUMULET_IAM": "audit", "LOCALSTACK_EDGE_PORT": "3", "EDGE_BIND_HOST": "0.0.0.3",
               "LOCALSTACK_GATEWAY_LISTEN": "0.0.0.4"}
    assert config(tmp_path).settings.ports == (2, 22)
    assert config(tmp_path).settings.speed == "real"
    settings = config(tmp_path, environ, port=("5",)).settings
    assert settings.ports == (5,)
    assert settings.iam == "audit"
    assert settings.host == "0.0.0.4"
    assert settings.data == "project"
    assert config(tmp_path, environ).settings.ports == (4, 44)
    del environ["CUMULET_PORT"]
    assert config(tmp_path, environ).settings.ports == (3,)


@pytest.mark.parametrize(("environ", "said"), [
    ({"CUMULET_IAM": "enfroce"}, "CUMULET_IAM is 'enfroce': it must be one of off, audit, enforce."),
    ({"CUMULET_PORT": "http"}, "must be a port"),
    ({"CUMULET_PORT": "70000"}, "must be a port"),
    ({"CUMULET_ACCOUNT": "12"}, "must have 12 digits"),
    ({"CUMULET_EPHEMERAL": "maybe"}, "must be 1 or 0"),
    ({"ENFORCE_IAM": "ture"}, "ENFORCE_IAM is 'ture'"),
    ({"PERSISTENCE": "2"}, "PERSISTENCE is '2'"),
    ({"CUMULET_STORE": "mysql://x"}, "must be a postgresql:// URL"),
    ({"GATEWAY_LISTEN": "0.0.0.0:x"}, "must be a port"),
])
def test_a_wrong_value_stops_the_start(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    with pytest.raises(Failure) as problem:
        config(tmp_path, environ)
    assert said in problem.value.message


def test_a_wrong_value_in_a_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "cumulet.toml").write_text("iam = 3\n")
    with pytest.raises(Failure, match=r"cumulet\.toml: iam is 3"):
        config(tmp_path)
    (tmp_path / "cumulet.toml").write_text("iam = \n")
    with pytest.raises(Failure, match="cannot be read"):
        config(tmp_path)


def test_every_variable_of_ours_and_localstacks_leaves_a_note(tmp_path: Path) -> None:
    environ = {"CUMULET_IAM": "enforce", "CUMULET_IAMM": "off", "SERVICES": "s3", "LOCALSTACK_PERSISTNCE": "1",
               "LOCALSTACK_DEBUG": "1", "DEBUG": "1", "HOME": "/", "CUMULET_ENDPOINT": "http://localhost:1"}
    found = config(tmp_path, environ)
    assert sorted(found.notes) == [
        "CUMULET_IAM: taken as iam=enforce",
        "CUMULET_IAMM: UNKNOWN, has no effect (did you mean CUMULET_IAM?)",
        "LOCALSTACK_DEBUG: taken as --verbose",
        "LOCALSTACK_PERSISTNCE: UNKNOWN, has no effect (did you mean LOCALSTACK_PERSISTENCE?)",
        "SERVICES: ignored, every service is there and is loaded on first use",
    ]
    assert found.verbose


@pytest.mark.parametrize(("value", "ephemeral"), [("1", False), ("0", True)])
def test_persistence_of_localstack(tmp_path: Path, value: str, ephemeral: bool) -> None:
    assert config(tmp_path, {"PERSISTENCE": value}).settings.ephemeral is ephemeral


def test_a_gateway_address_gives_host_and_ports(tmp_path: Path) -> None:
    settings = config(tmp_path, {"GATEWAY_LISTEN": "0.0.0.0:4566,0.0.0.0:443"}).settings
    assert settings.host == "0.0.0.0"
    assert settings.ports == (4566, 443)


def test_no_password_of_a_store_is_noted(tmp_path: Path) -> None:
    found = config(tmp_path, {"CUMULET_STORE": "postgresql://me:secret@db/cloud"})
    assert found.settings.store == "postgresql://me:secret@db/cloud"
    assert found.notes == ("CUMULET_STORE: taken as store=postgresql://…@db/cloud",)
