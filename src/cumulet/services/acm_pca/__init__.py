"""AWS Private Certificate Authority: hierarchies of authorities, what they issue, revoke and report."""

from cumulet.kernel import Service

SERVICE = Service(api="acm-pca", principal="acm-pca.amazonaws.com", needs=("s3",))
