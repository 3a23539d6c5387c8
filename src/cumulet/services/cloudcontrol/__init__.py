"""Cloud Control: create, read, update, delete and list any resource type that cumulet has, in one API."""

from cumulet.kernel import Service

SERVICE = Service(api="cloudcontrol", principal="cloudcontrolapi.amazonaws.com",
                  absent={"CancelResourceRequest": "requests are done at once"})
