"""AWS Organizations: many accounts under one roof, and the policies that bound them."""

from cumulet.kernel import Service

SERVICE = Service(api="organizations", principal="organizations.amazonaws.com", needs=("iam",),
                  absent={"CreateGovCloudAccount": "there is no other partition", "*Responsibility*": "there are no bills",
                          "*EffectivePolicy*": "effective policies are not validated"})
