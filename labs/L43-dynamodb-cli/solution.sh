table=ProductCatalog
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refused CODE COMMAND...: the command must fail with this code
refused() {
    code=$1
    shift
    if "$@" > /dev/null 2> "$work/said"; then
        echo "$* was allowed, and should be refused with $code" >&2
        exit 1
    fi
    grep -q "($code)" "$work/said" || { cat "$work/said" >&2; exit 1; }
}

aws dynamodb create-table --table-name $table --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=Id,AttributeType=N --key-schema AttributeName=Id,KeyType=HASH > /dev/null
aws dynamodb wait table-exists --table-name $table

aws dynamodb batch-write-item --request-items file://items.json --output json | grep -q '"UnprocessedItems": {}'

key='{"Id": {"N": "403"}}'
test "$(aws dynamodb get-item --table-name $table --key "$key" --query Item.Title.S --output text)" = Noon
test "$(aws dynamodb query --table-name $table --key-condition-expression 'Id = :id' \
    --expression-attribute-values '{":id": {"N": "404"}}' --query 'Items[].Title.S' --output text)" = Dusk
test "$(aws dynamodb scan --table-name $table --filter-expression 'Category = :c' \
    --expression-attribute-values '{":c": {"S": "Lamp"}}' --query '[Count, ScannedCount]' --output text)" = "3	5"

aws dynamodb update-item --table-name $table --key "$key" --update-expression 'SET Price = :p' \
    --condition-expression 'Price > :p' --expression-attribute-values '{":p": {"N": "29.9"}}'
refused ConditionalCheckFailedException aws dynamodb update-item --table-name $table --key "$key" \
    --update-expression 'SET Price = :p' --condition-expression 'Price > :p' --expression-attribute-values '{":p": {"N": "29.9"}}'
aws dynamodb delete-item --table-name $table --key '{"Id": {"N": "405"}}'

# more than a batch takes
keys=$(seq -s, 1 101 | sed -E 's/[0-9]+/{"Id": {"N": "&"}}/g')
refused ValidationException aws dynamodb batch-get-item --request-items "{\"$table\": {\"Keys\": [$keys]}}"
puts=$(seq -s, 1 26 | sed -E 's/[0-9]+/{"PutRequest": {"Item": {"Id": {"N": "&"}}}}/g')
refused ValidationException aws dynamodb batch-write-item --request-items "{\"$table\": [$puts]}"

backup=$(aws dynamodb create-backup --table-name $table --backup-name evening --query BackupDetails.BackupArn --output text)
until test "$(aws dynamodb describe-backup --backup-arn "$backup" \
    --query BackupDescription.BackupDetails.BackupStatus --output text)" = AVAILABLE; do sleep 0.2; done
aws dynamodb delete-table --table-name $table > /dev/null
refused ResourceNotFoundException aws dynamodb get-item --table-name $table --key "$key"
aws dynamodb restore-table-from-backup --target-table-name $table --backup-arn "$backup" > /dev/null
until test "$(aws dynamodb describe-table --table-name $table --query Table.TableStatus --output text)" = ACTIVE; do sleep 0.2; done
