"""Amazon S3 Control: what an account says of all its buckets, and the access points to them."""

from cumulet.kernel import Service

SERVICE = Service(api="s3control", principal="s3.amazonaws.com", needs=("lambda", "s3", "sts"),
                  absent={"*AccessGrantsIdentityCenter": "grants are for users and roles",
                          "*Bucket*": "there are no Outposts"})
