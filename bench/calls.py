"""How many Python functions run for one warm SendMessage, from the bytes of the request to those of the answer."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

from cumulet.faces import control
from cumulet.kernel.cloud import Cloud, CloudThread
from cumulet.kernel.settings import Settings
from drive import once
from signed import Maker


def _prepare(cloud: Cloud) -> None:
    control.mount(cloud)


def count_calls(times: int = 200) -> float:
    """Python calls a SendMessage, counted in the server's thread."""
    with tempfile.TemporaryDirectory() as folder:
        thread = CloudThread(Settings(ports=(0,), data=f"{folder}/state", ephemeral=True), _prepare).start()
        try:
            maker = Maker(int(thread.cloud.endpoint.rpartition(":")[2]))
            url = maker.client("sqs").create_queue(QueueName="calls")["QueueUrl"]
            request = maker.request("sqs", "send_message", QueueUrl=url, MessageBody="x" * 200)
            once(maker.port, request, 50)
            counted = 0

            def count(frame: FrameType, event: str, argument: Any) -> None:
                nonlocal counted
                counted += event == "call"

            async def begin() -> None:
                sys.setprofile(count)

            async def end() -> None:
                sys.setprofile(None)

            thread.call(begin())
            once(maker.port, request, times)
            thread.call(end())
            return counted / times
        finally:
            thread.stop()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    print(f"{count_calls():.0f} Python calls a SendMessage")
