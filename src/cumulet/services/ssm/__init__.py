"""AWS Systems Manager: the Parameter Store."""

from cumulet.kernel import Service

SERVICE = Service(api="ssm", principal="ssm.amazonaws.com", needs=("kms", "secretsmanager"),
                  absent={"*": "of Systems Manager there is the Parameter Store"})
