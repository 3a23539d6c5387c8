"""Identity Store: the users and groups of an instance of IAM Identity Center."""

from cumulet.kernel import Service

SERVICE = Service(api="identitystore", principal="identitystore.amazonaws.com", needs=("sso_admin",),
                  absent={"UpdateIdentityStore": "an identity store has nothing to set"})
