"""In audit a call that no policy allows passes, and is counted."""

from __future__ import annotations

from conftest import Cloud


def test_what_would_be_denied_is_counted(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    made = iam.create_access_key(UserName="ann")["AccessKey"]
    recorder = cloud.kernel.recorder
    before = recorder.denied
    cloud.client("sqs", key=made["AccessKeyId"], secret=made["SecretAccessKey"]).list_queues()
    cloud.clock.idle()                       # the call is recorded once its answer is on its way
    assert recorder.denied == before + 1
    cloud.client("sqs").list_queues()
    cloud.clock.idle()
    assert recorder.denied == before + 1
