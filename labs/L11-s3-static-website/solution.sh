bucket=site-$ACCOUNT
aws s3 mb "s3://$bucket" > /dev/null
echo '<h1>Welcome</h1>' | aws s3 cp --content-type text/html - "s3://$bucket/index.html"
echo '<h1>Nothing here</h1>' | aws s3 cp --content-type text/html - "s3://$bucket/error.html"
aws s3api delete-public-access-block --bucket "$bucket"
aws s3api put-bucket-policy --bucket "$bucket" --policy '{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::'$bucket'/*"}}'
aws s3 website "s3://$bucket" --index-document index.html --error-document error.html
curl -s -H "Host: $bucket.s3-website.localhost" "$CUMULET_ENDPOINT/" | grep -q Welcome
curl -s -H "Host: $bucket.s3-website.localhost" "$CUMULET_ENDPOINT/nowhere" | grep -q 'Nothing here'
