"""IAM Access Analyzer: who from outside can reach what is here, and whether a policy is in order."""

from cumulet.kernel import Service

SERVICE = Service(api="accessanalyzer", principal="access-analyzer.amazonaws.com", needs=("organizations",),
                  absent={"*ServiceLinkedAnalyzer": "no other service makes analyzers"})
