"""Clouds whose whole state is put back, so none that other tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import Cloud, Start, new_account


class Control:
    """A cloud of its own with its control API."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.http = httpx.Client(base_url=cloud.endpoint, timeout=60)

    def get(self, path: str, **query: Any) -> Any:
        return self._told(self.http.get(f"/_cumulet/{path}", params=query))

    def post(self, path: str, **body: Any) -> Any:
        return self._told(self.http.post(f"/_cumulet/{path}", json=body))

    @staticmethod
    def _told(answer: httpx.Response) -> Any:
        found = answer.json()
        if answer.status_code != 200:
            raise ValueError(found["error"])
        return found


@pytest.fixture
def control(start_cloud: Start, tmp_path: Path) -> Iterator[Control]:
    thread = start_cloud(data=tmp_path / "state")
    made = Control(Cloud(thread, new_account()))
    yield made
    made.http.close()
    thread.stop()
