"""AWS Organizations: many accounts under one roof, and the policies that bound them."""

from cumulet.kernel import Service

SERVICE = Service(api="organizations", principal="organizations.amazonaws.com", needs=("iam",))
