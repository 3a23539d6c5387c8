"""What exists in IAM. The kernel owns these tables, because every call of every service needs them."""

from cumulet.kernel import principals

AccessKey = principals.AccessKey
AccountAlias = principals.AccountAlias
Attachment = principals.Attachment
Group = principals.Group
InlinePolicy = principals.InlinePolicy
InstanceProfile = principals.InstanceProfile
ManagedPolicy = principals.ManagedPolicy
Membership = principals.Membership
PolicyVersion = principals.PolicyVersion
Role = principals.Role
User = principals.User
VirtualMFADevice = principals.VirtualMFADevice
