"""Does what its event asks for."""

import os
import time


def handler(event, context):
    if "fail" in event:
        raise ValueError(event["fail"])
    time.sleep(event.get("sleep", 0))
    data = bytearray(event.get("megabytes", 0) << 20)
    for place in range(0, len(data), 4096):
        data[place] = 1
    return {"done": event, "began": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]}
