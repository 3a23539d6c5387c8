# Parameters in paths.
aws ssm put-parameter --name /shop/prod/url --type String --value https-shop.example > /dev/null
aws ssm put-parameter --name /shop/test/url --type String --value https-test.shop.example > /dev/null
aws ssm put-parameter --name /shop/prod/password --type SecureString --value 'correct horse' > /dev/null
test "$(aws ssm get-parameter --name /shop/prod/password --with-decryption --query Parameter.Value --output text)" = 'correct horse'

# A new version, and a name for the one before.
aws ssm put-parameter --name /shop/prod/url --overwrite --value https-new.shop.example > /dev/null
aws ssm label-parameter-version --name /shop/prod/url --parameter-version 1 --labels before > /dev/null
test "$(aws ssm get-parameter --name /shop/prod/url:before --query Parameter.Value --output text)" = https-shop.example

# A secret that changes once.
aws secretsmanager create-secret --name shop/database --secret-string '{"username": "shop", "password": "one"}' > /dev/null
aws secretsmanager put-secret-value --secret-id shop/database --secret-string '{"username": "shop", "password": "two"}' > /dev/null
aws secretsmanager get-secret-value --secret-id shop/database --version-stage AWSPREVIOUS --query SecretString --output text | grep -q one
