bucket=open-$ACCOUNT
aws s3 mb "s3://$bucket" > /dev/null
echo 'hello, world' | aws s3 cp - "s3://$bucket/hello.txt"

# look: the status that anybody gets
look() { curl -s -o /dev/null -w '%{http_code}' -H "Host: $bucket.s3.localhost" "$CUMULET_ENDPOINT/hello.txt"; }
test "$(look)" = 403

policy='{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::'$bucket'/*"}}'
if aws s3api put-bucket-policy --bucket "$bucket" --policy "$policy" 2> /dev/null; then
    echo "the public policy was taken although public access is blocked" >&2
    exit 1
fi
aws s3api delete-public-access-block --bucket "$bucket"
aws s3api put-bucket-policy --bucket "$bucket" --policy "$policy"
test "$(look)" = 200
