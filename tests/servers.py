"""Servers as processes of their own, for tests that kill them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class ServerProcess:
    """`cumulet start` in a process. `took` is the time from its start to its first answer, in seconds."""

    def __init__(self, data: Path, *flags: str, port: int = 0, env: dict[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"server-{self.port}.log"
        began = time.perf_counter()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cumulet", "start", "--port", str(self.port), "--data", str(data), *flags],
                env={**os.environ, **(env or {})}, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=data.parent)
        while True:
            try:
                urllib.request.urlopen(self.endpoint + "/_cumulet/health", timeout=5).read()
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - began > 30:
                    raise RuntimeError(self.log.read_text()[-4000:]) from None
                time.sleep(0.005)
        self.took = time.perf_counter() - began

    def client(self, service: str, account: str = "123456789012", **options: Any) -> Any:
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20, max_pool_connections=20,
                        s3={"addressing_style": "path"})
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=account,
                            aws_secret_access_key="test", config=config, **options)

    def kill(self) -> None:
        """As a power cut would: nothing is finished."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)
