"""Lambda's control plane: functions, versions, aliases, permissions, tags as stored resources. Invocation is not here yet."""

from cumulet.kernel import Service

SERVICE = Service(api="lambda", principal="lambda.amazonaws.com", needs=("s3",))
