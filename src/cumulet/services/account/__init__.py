"""AWS Account Management: what is known of an account, its contacts, and its regions."""

from cumulet.kernel import Service

SERVICE = Service(api="account", principal="account.amazonaws.com",
                  absent={"GetGovCloudAccountInformation": "there is no other partition"})
