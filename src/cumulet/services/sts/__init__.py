"""Security Token Service: temporary credentials, and the question who one is."""

from cumulet.kernel import Service

SERVICE = Service(api="sts", principal="sts.amazonaws.com",
                  absent={"GetDelegatedAccessToken": "there are no partners to delegate to"})
