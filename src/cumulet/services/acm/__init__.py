"""AWS Certificate Manager: certificates requested, validated, issued by the local authority, imported, exported, renewed."""

from cumulet.kernel import Service

SERVICE = Service(api="acm", principal="acm.amazonaws.com", needs=("acm_pca",),
                  absent={"*Acme*": "there are no ACME endpoints"})
