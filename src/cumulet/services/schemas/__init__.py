"""EventBridge Schema Registry: schemas of events with their versions, and their discovery on buses."""

from cumulet.kernel import Service

SERVICE = Service(api="schemas", principal="schemas.amazonaws.com", needs=("events",),
                  absent={"*CodeBinding*": "no code is generated from schemas"})
