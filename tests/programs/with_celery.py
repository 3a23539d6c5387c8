"""celery: a worker and a producer over SQS. The broker's address is in the environment, as of any SDK."""

import os
import threading
import time
from urllib.parse import quote

from celery import Celery

key, secret = quote(os.environ["AWS_ACCESS_KEY_ID"], ""), quote(os.environ["AWS_SECRET_ACCESS_KEY"], "")
address = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
app = Celery("shop", broker=f"sqs://{key}:{secret}@{address}", backend="cache+memory://")
app.conf.update(broker_transport_options={"region": "us-east-1", "is_secure": False, "queue_name_prefix": "shop-",
                                          "wait_time_seconds": 5, "visibility_timeout": 60},
                task_default_queue="orders", worker_prefetch_multiplier=1, broker_connection_retry_on_startup=False,
                worker_redirect_stdouts=False)
DONE: list[int] = []


@app.task(bind=True, max_retries=3, default_retry_delay=0)
def pack(self, number: int, text: str) -> None:
    if number % 10 == 3 and self.request.retries == 0:
        raise self.retry()
    DONE.append(number + len(text))


for i in range(40):
    pack.delay(i, "é" * i)
pack.apply_async((1000, "later"), countdown=1)
worker = app.Worker(pool="threads", concurrency=4, loglevel="ERROR", without_gossip=True, without_mingle=True,
                    without_heartbeat=True)
threading.Thread(target=worker.start, daemon=True).start()
end = time.monotonic() + 40
while len(DONE) < 41 and time.monotonic() < end:
    time.sleep(0.05)
assert sorted(DONE) == [*(2 * i for i in range(40)), 1005], sorted(DONE)
print("celery says yes", flush=True)
os._exit(0)
