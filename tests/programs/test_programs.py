"""Programs that people run on AWS, unmodified. `with_<program>.py` ends with its word or an exception."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Cloud
from programs.installing import installed

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def binaries() -> Path:
    """The folder of programs, installed once for these requirements; other workers wait for the first."""
    wanted = HERE / "requirements.txt"

    def install(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
        subprocess.run([folder / "bin/pip", "install", "-q", "-r", wanted], check=True, timeout=600)

    return installed("programs", wanted, install) / "bin"


def run(cloud: Cloud, *command: str | Path, folder: Path) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": cloud.endpoint, "AWS_ACCESS_KEY_ID": cloud.account, "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(folder)}
    ran = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-3000:]}\n{ran.stderr[-6000:]}"
    return ran.stdout


@pytest.mark.parametrize("program", ["s3fs", "pynamodb", "pyarrow", "celery"])
def test_a_library(cloud: Cloud, binaries: Path, tmp_path: Path, program: str) -> None:
    assert f"{program} says yes" in run(cloud, binaries / "python", HERE / f"with_{program}.py", folder=tmp_path)


def test_s3cmd(cloud: Cloud, binaries: Path, tmp_path: Path) -> None:
    host = cloud.endpoint.removeprefix("http://")
    (tmp_path / "config").write_text(
        f"[default]\naccess_key = {cloud.account}\nsecret_key = test\nhost_base = {host}\nhost_bucket = {host}\n"
        "use_https = False\nbucket_location = us-east-1\nmultipart_chunk_size_mb = 5\n")

    def s3cmd(*words: str) -> str:
        return run(cloud, binaries / "python", binaries / "s3cmd", "-c", "config", *words, folder=tmp_path)

    files = tmp_path / "files"
    (files / "sub folder").mkdir(parents=True)
    (files / "a.txt").write_text("a")
    (files / "sub folder" / "ü+&.txt").write_text("odd")
    (files / "big.bin").write_bytes(os.urandom(11 * 2**20))
    s3cmd("mb", "s3://box")
    s3cmd("sync", "files/", "s3://box/dir/")
    assert "3 objects" in s3cmd("du", "s3://box").replace("     ", " ")
    assert "ü+&.txt" in s3cmd("ls", "-r", "s3://box/dir/")
    s3cmd("sync", "s3://box/dir/", "back/")
    assert {p.relative_to(tmp_path / "back"): p.read_bytes() for p in (tmp_path / "back").rglob("*") if p.is_file()} == {
        p.relative_to(files): p.read_bytes() for p in files.rglob("*") if p.is_file()}
    s3cmd("setownership", "s3://box", "ObjectWriter")                 # a copy of s3cmd sets the access list of what it copied
    s3cmd("cp", "s3://box/dir/a.txt", "s3://box/b.txt")
    s3cmd("modify", "--add-header=Cache-Control:max-age=60", "s3://box/b.txt")
    assert "max-age=60" in cloud.client("s3").head_object(Bucket="box", Key="b.txt")["CacheControl"]
    s3cmd("setacl", "--acl-private", "s3://box/b.txt")
    assert "http://" in s3cmd("signurl", "s3://box/b.txt", "+600")
    s3cmd("rb", "--recursive", "--force", "s3://box")
    assert cloud.client("s3").list_buckets()["Buckets"] == []
