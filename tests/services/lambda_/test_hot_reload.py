"""Code in a folder of this machine: each event finds it as it is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, Start, new_account

from .conftest import ROLE, Deployed

CODE = "import helper\ndef handler(event, context): return [helper.NAME, len(open(__file__).readlines())]\n"


def source(folder: Path, **more: str) -> dict[str, str]:
    return {"S3Bucket": "hot-reload", "S3Key": str(folder), **more}


def written(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "app.py").write_text(CODE)
    (folder / "helper.py").write_text(f"NAME = {name!r}\n")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    return folder


@pytest.fixture
def client(start_cloud: Start, tmp_path: Path) -> Any:
    """Lambda of a server that lets code lie below a folder."""
    tmp_path.chmod(0o755)
    cloud = start_cloud(hot_reload=str(tmp_path / "work")).cloud
    return boto3.client("lambda", endpoint_url=cloud.endpoint, region_name="us-east-1", aws_access_key_id=new_account(),
                        aws_secret_access_key="test")


def made(client: Any, code: dict[str, str]) -> Deployed:
    told = client.create_function(FunctionName="live", Role=ROLE, Runtime="python3.11", Handler="app.handler", Timeout=10,
                                  Code=code)
    return Deployed(client, "live", told["FunctionArn"])


def test_the_next_event_runs_what_was_changed(client: Any, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    folder = written(tmp_path / "work" / "one", "first")
    function = made(client, source(folder))
    assert function() == ["first", 2]
    assert client.get_function_configuration(FunctionName="live")["CodeSize"] == 0
    (folder / "helper.py").write_text("NAME = 'second'\n")
    assert function() == ["second", 2]
    with (folder / "app.py").open("a") as f:
        f.write("# more\n")
    assert function() == ["second", 3]
    number = client.publish_version(FunctionName="live")["Version"]
    (folder / "helper.py").write_text("NAME = 'third'\n")
    assert function(Qualifier=number) == ["third", 3]
    other = written(tmp_path / "work" / "other", "moved")
    client.update_function_code(FunctionName="live", **source(other))
    assert function() == ["moved", 2]
    assert function(Qualifier=number) == ["third", 3]
    (other / "app.py").write_text("def handler(event, context): open('/var/task/new', 'w')\n")
    assert function.raw()["Payload"]["errorType"] == "OSError"
    assert not (other / "new").exists()
    (other / "app.py").unlink()
    assert function.raw()["Payload"]["errorType"] == "Runtime.ImportModuleError"


def test_environments_may_be_kept_ready(client: Any, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    folder = written(tmp_path / "work" / "one", "first")
    function = made(client, source(folder))
    number = client.publish_version(FunctionName="live")["Version"]
    client.put_provisioned_concurrency_config(FunctionName="live", Qualifier=number, ProvisionedConcurrentExecutions=1)
    end = time.monotonic() + 10
    while client.get_provisioned_concurrency_config(FunctionName="live", Qualifier=number)["Status"] != "READY":
        assert time.monotonic() < end
    (folder / "helper.py").write_text("NAME = 'second'\n")
    assert function(Qualifier=number) == ["second", 2]


def test_only_what_lies_below_the_named_folder_may_be_run(client: Any, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    outside = written(tmp_path / "outside", "x")
    (tmp_path / "work" / "link").symlink_to(outside)
    for wrong in (outside, tmp_path / "work" / ".." / "outside", tmp_path / "work" / "link", tmp_path, Path("/etc")):
        with pytest.raises(ClientError, match="must lie below") as problem:
            made(client, source(wrong))
        assert problem.value.response["Error"]["Code"] == "InvalidParameterValueException"
    with pytest.raises(ClientError, match="There is no such folder"):
        made(client, source(tmp_path / "work" / "nothing"))
    folder = written(tmp_path / "work" / "one", "first")
    function = made(client, source(folder))
    assert function() == ["first", 2]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.symlink_to(outside)
    with pytest.raises(ClientError, match="must lie below"):
        function()


def test_it_is_off_unless_a_folder_is_named(cloud: Cloud, tmp_path: Path) -> None:
    client = cloud.client("lambda")
    with pytest.raises(ClientError, match=r"Hot reload is off. Start cumulet with --hot-reload DIR"):
        made(client, source(written(tmp_path / "one", "x")))
    with pytest.raises(ClientError, match=r"NoSuchBucket|does not exist"):
        made(client, {"S3Bucket": "hot-reload", "S3Key": "package.zip"})
