page=page-$ACCOUNT
data=data-$ACCOUNT
port=${CUMULET_ENDPOINT##*:}
origin=http://$page.s3-website.localhost:$port

# open_to_all BUCKET: everybody may read its objects
open_to_all() {
    aws s3api delete-public-access-block --bucket "$1"
    aws s3api put-bucket-policy --bucket "$1" --policy '{"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::'$1'/*"}}'
}
# allowed: the origin that the bucket lets read its object, as the browser asks
allowed() {
    curl -s -o /dev/null -D - -H "Host: $data.s3.localhost:$port" -H "Origin: $1" "$CUMULET_ENDPOINT/data.json" |
        tr -d '\r' | sed -n 's/^access-control-allow-origin: //Ip'
}

aws s3 mb "s3://$page" > /dev/null
aws s3 mb "s3://$data" > /dev/null
aws s3 cp --content-type text/html - "s3://$page/index.html" << HTML
<p id="said">waiting</p>
<script>
fetch(\`http://$data.s3.localhost:\${location.port}/data.json\`).then(answer => answer.json())
    .then(found => { said.textContent = found.greeting }, () => { said.textContent = "blocked" })
</script>
HTML
echo '{"greeting": "hello from the other bucket"}' | aws s3 cp --content-type application/json - "s3://$data/data.json"
open_to_all "$page"
open_to_all "$data"
aws s3 website "s3://$page" --index-document index.html
test -z "$(allowed "$origin")"

aws s3api put-bucket-cors --bucket "$data" --cors-configuration '{"CORSRules": [
    {"AllowedOrigins": ["'$origin'"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 300}]}'
test "$(allowed "$origin")" = "$origin"
test -z "$(allowed http://elsewhere.example)"
