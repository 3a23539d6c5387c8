bucket=sales-$ACCOUNT
aws s3 mb "s3://$bucket" > /dev/null
printf 'city,amount\nLisbon,30\nOslo,5\nLisbon,12\n"Aarhus, north",7\n' | aws s3 cp - "s3://$bucket/sales.csv"
printf '{"city": "%s", "amount": %s}\n' Lisbon 30 Oslo 5 Lisbon 12 'Aarhus, north' 7 | gzip | aws s3 cp - "s3://$bucket/sales.json.gz"

# ask KEY INPUT EXPRESSION FILE: a query, its records to a file
ask() {
    aws s3api select-object-content --bucket "$bucket" --key "$1" --expression-type SQL --input-serialization "$2" \
        --output-serialization '{"JSON": {}}' --expression "$3" "$4"
}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
ask sales.csv '{"CSV": {"FileHeaderInfo": "USE"}}' \
    "SELECT 'Lisbon' AS city, SUM(CAST(s.amount AS INT)) AS total FROM S3Object s WHERE s.city = 'Lisbon'" "$folder/answer.json"
ask sales.json.gz '{"JSON": {"Type": "LINES"}, "CompressionType": "GZIP"}' \
    "SELECT s.city FROM S3Object s WHERE s.amount < 10" "$folder/small.json"
test "$(wc -l < "$folder/small.json")" = 2
if ask sales.csv '{"CSV": {"FileHeaderInfo": "USE"}}' "SELECT s.city FROM S3Object s GROUP BY s.city" "$folder/no" 2> "$folder/why"; then
    echo "S3 Select took a GROUP BY" >&2
    exit 1
fi
grep -q UnsupportedSqlStructure "$folder/why"
aws s3 cp "$folder/answer.json" "s3://$bucket/answer.json" > /dev/null
