here=here-$ACCOUNT
there=there-$ACCOUNT
aws s3api create-bucket --bucket "$here" > /dev/null
aws s3api create-bucket --bucket "$there" --region eu-west-1 --create-bucket-configuration LocationConstraint=eu-west-1 > /dev/null
echo 'from before' | aws s3 cp - "s3://$here/before.txt"

rule='{"Role": "arn:aws:iam::'$ACCOUNT':role/replicator", "Rules": [{"ID": "all", "Status": "Enabled", "Priority": 1,
    "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::'$there'"}}]}'
if aws s3api put-bucket-replication --bucket "$here" --replication-configuration "$rule" 2> /dev/null; then
    echo "replication was taken without versioning" >&2
    exit 1
fi
aws s3api put-bucket-versioning --bucket "$here" --versioning-configuration Status=Enabled
aws s3api put-bucket-versioning --bucket "$there" --region eu-west-1 --versioning-configuration Status=Enabled

aws iam create-role --role-name replicator --assume-role-policy-document '{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}}' > /dev/null
aws iam put-role-policy --role-name replicator --policy-name replicate --policy-document '{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"], "Resource": "arn:aws:s3:::'$here'"},
    {"Effect": "Allow", "Action": ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
     "Resource": "arn:aws:s3:::'$here'/*"},
    {"Effect": "Allow", "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
     "Resource": "arn:aws:s3:::'$there'/*"}]}'
aws s3api put-bucket-replication --bucket "$here" --replication-configuration "$rule"

echo 'from after' | aws s3 cp - "s3://$here/after.txt"
status() { aws s3api head-object --bucket "$1" --key after.txt --region "$2" --query ReplicationStatus --output text; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
    test "$(status "$here" us-east-1)" = COMPLETED && break
    sleep 0.5
done
test "$(status "$there" eu-west-1)" = REPLICA
test "$(aws s3 cp "s3://$there/after.txt" - --region eu-west-1)" = 'from after'
