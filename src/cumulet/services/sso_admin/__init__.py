"""IAM Identity Center: people of one directory, and the permission sets that they have in accounts."""

from cumulet.kernel import Service

SERVICE = Service(api="sso-admin", principal="sso.amazonaws.com", needs=("iam", "identitystore"),
                  also=("sso", "sso-oidc"),
                  absent={"*": "of IAM Identity Center there are permission sets, their assignments and signing in"})
