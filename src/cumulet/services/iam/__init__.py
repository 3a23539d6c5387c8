"""Identity and Access Management: users, groups, roles, policies, access keys, instance profiles."""

from cumulet.kernel import Service

SERVICE = Service(api="iam", principal="iam.amazonaws.com",
                  absent={"*DelegationRequest*": "there are no partners to delegate to",
                          "SendDelegationToken": "there are no partners to delegate to",
                          "GetHumanReadableSummary": "there are no partners to delegate to",
                          "AcquireRole": "there are no role templates",
                          "GetRoleTemplateVersion": "there are no role templates",
                          "*AccountProperties": "accounts have no such properties"})
