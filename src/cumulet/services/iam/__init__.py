"""Identity and Access Management: users, groups, roles, policies, access keys, instance profiles."""

from cumulet.kernel import Service

SERVICE = Service(api="iam", principal="iam.amazonaws.com")
