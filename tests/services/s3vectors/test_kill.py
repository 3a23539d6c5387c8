"""`kill -9` while vectors are put: of each request all vectors are there or none, and their texts are found."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from servers import ServerProcess
from services.s3vectors.conftest import PLACE, make_index, vector

_BATCH = 20


class Writer(threading.Thread):
    """Puts batches until the server is gone."""

    def __init__(self, vectors: Any) -> None:
        super().__init__(daemon=True)
        self.vectors, self.done, self.some = vectors, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while True:
            rows = [vector(f"{self.done:04}-{n:02}", self.done + 1, n, text=f"batch{self.done}") for n in range(_BATCH)]
            try:
                self.vectors.put_vectors(**PLACE, vectors=rows)
            except (BotoCoreError, ClientError):
                return
            self.done += 1
            if self.done == 5:
                self.some.set()


def test_what_was_put_is_there_after_kill_9(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "state")
    vectors = server.client("s3vectors")
    vectors.create_vector_bucket(vectorBucketName="shelf")
    make_index(vectors, metadataConfiguration={"textSearchConfigurations": [{"metadataKey": "text"}]})
    writer = Writer(vectors)
    assert writer.some.wait(20)
    server.kill()
    writer.join(30)
    server = ServerProcess(tmp_path / "state")
    vectors = server.client("s3vectors")
    pages = vectors.get_paginator("list_vectors").paginate(**PLACE)
    there = [one["key"] for page in pages for one in page["vectors"]]
    batches = len(there) // _BATCH
    assert there == [f"{batch:04}-{n:02}" for batch in range(batches) for n in range(_BATCH)]
    assert batches in (writer.done, writer.done + 1)
    for batch in (0, batches - 1, batches):
        asked = [{"text": f"batch{batch}", "metadataKey": "text"}]
        assert len(vectors.query_vectors(**PLACE, topK=50, queryTexts=asked)["vectors"]) == (_BATCH if batch < batches else 0)
    server.stop()
