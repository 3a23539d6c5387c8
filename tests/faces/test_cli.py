"""The commands, as a person or a script runs them: real processes, a real server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CUMULET_", "LOCALSTACK_", "XDG_")) and k != "CI"}
CLEAN["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")      # HOME is changed below


def cumulet(*words: str, cwd: Path, env: dict[str, str] | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cumulet", *words], cwd=cwd, env=CLEAN | {"HOME": str(cwd)} | (env or {}),
                          capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a server in the background."""
    folder = tmp_path_factory.mktemp("cli")
    ran = cumulet("start", "-d", "--port", "0", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    yield folder
    cumulet("stop", cwd=folder)


@pytest.fixture
def run(home: Path) -> Run:
    return lambda *words, **more: cumulet(*words, cwd=home, **more)


def test_status_tells_where_and_how(run: Run) -> None:
    said = json.loads(run("status", "-o", "json").stdout)
    assert said["iam"] == "audit"
    assert said["endpoint"].startswith("http://localhost:")
    assert said["endpoint"] in run("status").stdout


def test_a_second_server_of_the_same_folder_is_refused(run: Run) -> None:
    ran = run("start")
    assert ran.returncode == 1
    assert "is running already" in ran.stderr


def test_a_port_in_use_names_its_holder(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        ran = cumulet("start", "--port", str(port), cwd=tmp_path)
    assert ran.returncode == 1
    assert f"Port {port} is in use" in ran.stderr
    if sys.platform == "linux":
        assert f"by pid {os.getpid()}" in ran.stderr


def test_a_misspelt_setting_stops_the_start(tmp_path: Path) -> None:
    ran = cumulet("start", "--iam", "enfroce", cwd=tmp_path)
    assert ran.returncode == 1
    assert "must be one of off, audit, enforce" in ran.stderr


def test_env_in_the_words_of_each_shell(run: Run) -> None:
    account = ["env", "--account", "111122223333", "--shell"]
    assert "export AWS_ACCESS_KEY_ID=111122223333" in run(*account, "bash").stdout
    assert "set -gx AWS_ACCESS_KEY_ID '111122223333';" in run(*account, "fish").stdout
    assert "$env:AWS_ACCESS_KEY_ID = '111122223333'" in run(*account, "powershell").stdout
    assert run(*account, "dotenv").stdout.splitlines()[1] == "AWS_ACCESS_KEY_ID=111122223333"
    undone = run("env", "--unset", "--shell", "bash").stdout
    assert "unset AWS_ENDPOINT_URL" in undone
    for shell in ("sh", "bash"):                            # one of them has no functions to hand on
        script = f"{run(*account, 'bash').stdout}\necho $AWS_REGION\n{undone}\necho none${{AWS_REGION-}}"
        said = subprocess.run([shell, "-euc", script], capture_output=True, text=True, timeout=10)
        assert (said.stdout, said.stderr) == ("us-east-1\nnone\n", "")
    assert run("env", "--account", "12").returncode == 2


def test_aws_reaches_this_server_and_the_calls_are_told(run: Run) -> None:
    made = run("aws", "--account", "111122223333", "sqs", "create-queue", "--queue-name", "from-the-cli")
    assert made.returncode == 0, made.stderr
    url = json.loads(made.stdout)["QueueUrl"]
    endpoint = json.loads(run("status", "-o", "json").stdout)["endpoint"]
    assert url == f"{endpoint}/111122223333/from-the-cli"
    calls = [json.loads(line) for line in run("tail", "--no-follow", "-o", "json").stdout.splitlines()]
    assert ("sqs", "CreateQueue", "111122223333") in [(c["service"], c["operation"], c["account"]) for c in calls]
    assert "CreateQueue" in run("logs").stdout
    assert "CreateQueue" not in run("logs", "--errors").stdout


def test_aws_refuses_keys_that_may_be_real(run: Run, tmp_path: Path) -> None:
    real = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
    ran = run("aws", "sqs", "list-queues", env=real)
    assert ran.returncode == 1
    assert "looks like one of real AWS" in ran.stderr
    (tmp_path / "creds").write_text("[prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n")
    ran = run("aws", "sqs", "list-queues", "--profile", "prod", env={"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "creds")})
    assert ran.returncode == 1
    assert "profile prod" in ran.stderr


def test_aws_signs_with_keys_that_this_server_made(run: Run) -> None:
    run("aws", "iam", "create-user", "--user-name", "ann")
    made = json.loads(run("aws", "iam", "create-access-key", "--user-name", "ann").stdout)["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    said = run("aws", "sts", "get-caller-identity", env=keys)
    assert json.loads(said.stdout)["Arn"].endswith(":user/ann"), said.stderr
    said = run("aws", "--account", "123123123123", "sts", "get-caller-identity", env=keys)
    assert json.loads(said.stdout)["Account"] == "123123123123", said.stderr


def test_tail_follows(home: Path, run: Run) -> None:
    follower = subprocess.Popen([sys.executable, "-m", "cumulet", "tail", "-n", "0", "-o", "json"], cwd=home, env=CLEAN,
                                stdout=subprocess.PIPE, text=True)
    try:
        time.sleep(1.0)
        run("aws", "sqs", "list-queues")
        assert follower.stdout is not None
        assert json.loads(follower.stdout.readline())["operation"] == "ListQueues"
    finally:
        follower.kill()
        follower.wait()


def test_the_clock_moves_and_comes_back(run: Run) -> None:
    moved = json.loads(run("time", "+1w1d", "-o", "json").stdout)
    assert round(moved["offset"]) == 8 * 86_400
    assert json.loads(run("time", "--at", "2031-05-06", "-o", "json").stdout)["iso"].startswith("2031-05-06T00:00:0")
    assert json.loads(run("time", "freeze", "-o", "json").stdout)["frozen"]
    back = json.loads(run("time", "reset", "-o", "json").stdout)
    assert abs(back["offset"]) < 1
    assert not back["frozen"]
    assert run("time", "sideways").returncode == 2
    assert run("time", "--at", "noon").returncode == 2


def test_reset_asks_and_forgets(run: Run) -> None:
    assert run("aws", "sqs", "create-queue", "--queue-name", "doomed").returncode == 0
    assert run("reset").returncode == 2
    assert "doomed" in run("aws", "sqs", "list-queues").stdout
    ran = run("reset", "-y")
    assert ran.returncode == 0, ran.stderr
    assert "doomed" not in run("aws", "sqs", "list-queues").stdout
    assert run("aws", "sqs", "create-queue", "--queue-name", "anew").returncode == 0


def test_wait_is_a_gate(run: Run, tmp_path: Path) -> None:
    assert run("wait", "--service", "sqs", "--timeout", "5").returncode == 0
    assert run("wait", "--service", "nonsense", "--timeout", "5").returncode == 1
    ran = cumulet("wait", "--endpoint", "http://127.0.0.1:1", "--timeout", "0.2", cwd=tmp_path)
    assert ran.returncode == 4


def test_restart_keeps_state_and_settings(tmp_path: Path) -> None:
    assert cumulet("start", "-d", "--port", "0", "--iam", "enforce", "--account", "444455556666", cwd=tmp_path).returncode == 0
    try:
        assert cumulet("aws", "sqs", "create-queue", "--queue-name", "kept", cwd=tmp_path).returncode == 0
        first = json.loads(cumulet("status", "-o", "json", cwd=tmp_path).stdout)
        ran = cumulet("restart", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        second = json.loads(cumulet("status", "-o", "json", cwd=tmp_path).stdout)
        assert second["pid"] != first["pid"]
        assert (second["iam"], second["account"]) == ("enforce", "444455556666")
        assert "444455556666/kept" in cumulet("aws", "sqs", "list-queues", cwd=tmp_path).stdout
    finally:
        assert cumulet("stop", cwd=tmp_path).returncode == 0
    assert not (tmp_path / ".cumulet" / "server.json").exists()


def test_the_run_file_is_nobody_elses_to_read(home: Path) -> None:
    assert (home / ".cumulet" / "server.json").stat().st_mode & 0o077 == 0


def test_a_run_file_of_a_dead_server_is_not_believed(tmp_path: Path) -> None:
    assert cumulet("start", "-d", "--port", "0", cwd=tmp_path).returncode == 0
    pid = json.loads((tmp_path / ".cumulet" / "server.json").read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        time.sleep(0.01)
    assert cumulet("status", "--endpoint", "http://127.0.0.1:1", cwd=tmp_path).returncode == 3
    ran = cumulet("start", "-d", "--port", "0", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert cumulet("stop", cwd=tmp_path).returncode == 0


def test_exec_runs_a_command_against_a_fresh_server_and_keeps_its_code(tmp_path: Path) -> None:
    script = ("import boto3, os, sys; q = boto3.client('sqs').create_queue(QueueName='x')['QueueUrl'];"
              "assert os.environ['AWS_ENDPOINT_URL'] in q; assert '/777788889999/' in q; sys.exit(7)")
    ran = cumulet("exec", "--account", "777788889999", "--", sys.executable, "-c", script, cwd=tmp_path)
    assert ran.returncode == 7, ran.stderr
    assert list(tmp_path.iterdir()) == []
    assert cumulet("exec", "--", "no-such-program", cwd=tmp_path).returncode == 1
    assert cumulet("exec", "--", "sh", "-c", "kill -TERM $$", cwd=tmp_path).returncode == 128 + signal.SIGTERM


def test_init_hooks_run_in_order_with_clients_that_work(tmp_path: Path) -> None:
    ready, boot = tmp_path / "hooks" / "ready.d", tmp_path / "hooks" / "boot.d"
    ready.mkdir(parents=True)
    boot.mkdir()
    (boot / "01.sh").write_text("echo boot >> order\n")
    (ready / "02.py").write_text("import boto3; boto3.client('sqs').create_queue(QueueName='by-python')\n"
                                 "open('order', 'a').write('two\\n')\n")
    (ready / "01.sh").write_text("echo one >> order\ncumulet aws sqs create-queue --queue-name by-shell\n")
    (ready / "notes.txt").write_text("not a script")
    assert cumulet("start", "-d", "--port", "0", "--init", "hooks", cwd=tmp_path).returncode == 0
    try:
        ran = cumulet("wait", "--init", "--timeout", "30", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr + cumulet("logs", cwd=tmp_path).stdout
        assert (tmp_path / "order").read_text().split() == ["boot", "one", "two"]
        queues = cumulet("aws", "sqs", "list-queues", cwd=tmp_path).stdout
        assert "by-python" in queues
        assert "by-shell" in queues
    finally:
        cumulet("stop", cwd=tmp_path)


def test_a_failing_hook_is_told(tmp_path: Path) -> None:
    (tmp_path / ".cumulet" / "init" / "ready.d").mkdir(parents=True)
    (tmp_path / ".cumulet" / "init" / "ready.d" / "bad.sh").write_text("exit 3\n")
    assert cumulet("start", "-d", "--port", "0", cwd=tmp_path).returncode == 0
    try:
        ran = cumulet("wait", "--init", cwd=tmp_path)
        assert ran.returncode == 1
        assert "ready.d/bad.sh" in ran.stderr
    finally:
        cumulet("stop", cwd=tmp_path)


def test_the_foreground_says_ready_and_tells_of_calls_and_variables(tmp_path: Path) -> None:
    env = CLEAN | {"HOME": str(tmp_path), "CUMULET_EPHEMERAL": "1", "ENFORCE_IAM": "1", "CUMULET_NONSENSE": "1"}
    server = subprocess.Popen([sys.executable, "-m", "cumulet", "start", "--port", "0"], cwd=tmp_path, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    banner = [server.stdout.readline() for _ in range(4)]
    assert banner[-1] == "Ready.\n"
    assert "iam enforce" in banner[1]
    assert cumulet("aws", "sqs", "list-queues", cwd=tmp_path).returncode == 0
    assert "ListQueues" in server.stdout.readline()
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=20)
    assert server.returncode == 0
    assert "CUMULET_NONSENSE: UNKNOWN" in err
    assert "ENFORCE_IAM: taken as iam=enforce" in err
    assert "Traceback" not in out + err


def test_nothing_running_is_exit_code_3(tmp_path: Path) -> None:
    for words in (["status"], ["stop"], ["reset", "-y"], ["tail"], ["time"]):
        ran = cumulet(*words, "--endpoint", "http://127.0.0.1:1", cwd=tmp_path)
        assert ran.returncode == 3, words
        assert "cumulet start" in ran.stderr


def test_wrong_usage_is_exit_code_2_and_helps(tmp_path: Path) -> None:
    ran = cumulet("staus", cwd=tmp_path)
    assert ran.returncode == 2
    assert "Did you mean 'status'?" in ran.stderr


def test_doctor_finds_real_keys(tmp_path: Path) -> None:
    ran = cumulet("doctor", "-o", "json", cwd=tmp_path, env={"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "CUMULET_PORT": "0"})
    assert ran.returncode == 5
    assert any(f["level"] == "bad" and "AWS_ACCESS_KEY_ID" in f["what"] for f in json.loads(ran.stdout))
    assert cumulet("doctor", cwd=tmp_path, env={"CUMULET_PORT": "0"}).returncode == 0


def test_coverage_counts_operations_and_members(tmp_path: Path) -> None:
    found = json.loads(cumulet("coverage", "-o", "json", cwd=tmp_path).stdout)
    assert found["sqs"]["total"] == found["sqs"]["implemented"] + len(found["sqs"]["missing"])
    assert found["sqs"].keys() >= {"total", "implemented", "tested", "missing", "grade", "members"}
    one = json.loads(cumulet("coverage", "sqs", "-o", "json", cwd=tmp_path).stdout)["sqs"]["operations"]["SendMessage"]
    assert "MessageBody" in one["promised"]
    assert "'nonsense'" in cumulet("coverage", "sqs", "nonsense", cwd=tmp_path).stderr


def test_coverage_tells_of_several_services_each_with_its_total(tmp_path: Path) -> None:
    counted = json.loads(cumulet("coverage", "sqs", "sns", "-o", "json", cwd=tmp_path).stdout)
    assert list(counted) == ["sqs", "sns"]
    shown = cumulet("coverage", "sqs", "sns", cwd=tmp_path).stdout
    sqs, sns = shown.partition("\nsns\n")[::2]
    for name, text, operation in (("sqs", sqs, "SendMessage"), ("sns", sns, "Publish")):
        total, members = counted[name], counted[name]["members"]
        assert f" {operation} " in text
        assert text.rstrip().splitlines()[-1] == (
            f"total: {total['implemented']} of {total['total']} operations, {total['tested']} of them tested; "
            f"{members['promised']} of {members['total']} members, {members['tested']} of them tested; grade: {total['grade']}")
    assert sqs.startswith("sqs\n")


def test_every_command_has_help(tmp_path: Path) -> None:
    listed = cumulet("--help", cwd=tmp_path).stdout.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    names = [line.split()[0] for line in listed if line[2] != " "]
    assert len(names) >= 17
    for name in names:
        if name != "aws":
            assert "Usage:" in cumulet(name, "--help", cwd=tmp_path).stdout, name


def test_completion_is_a_script(tmp_path: Path) -> None:
    assert "_CUMULET_COMPLETE" in cumulet("completion", "bash", cwd=tmp_path).stdout
