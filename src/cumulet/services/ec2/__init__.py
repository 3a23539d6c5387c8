"""Elastic Compute Cloud: so far the network's resources (VPCs, subnets, security groups), as records."""

from cumulet.kernel import Service

SERVICE = Service(api="ec2", principal="ec2.amazonaws.com",
                  absent={"*": "of EC2 there are VPCs, subnets, security groups, interfaces and endpoints"})
