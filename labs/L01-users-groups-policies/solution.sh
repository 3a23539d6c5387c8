# The walkthrough by the AWS CLI, and each user trying what they may.
aws iam create-group --group-name readers
aws iam attach-group-policy --group-name readers --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
aws iam attach-group-policy --group-name readers --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# make USER: a user with a key, which is told as "id secret"
make() {
    aws iam create-user --user-name "$1" > /dev/null
    aws iam create-access-key --user-name "$1" --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text
}

# try "ID SECRET" COMMAND...: as the owner of a key
try() {
    read -r id secret <<< "$1"
    shift
    AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret aws "$@"
}

# refused "ID SECRET" CODE COMMAND...: must fail with this code
refused() {
    key=$1 code=$2
    shift 2
    if told=$(try "$key" "$@" 2>&1); then echo "$* was allowed" >&2; return 1; fi
    grep -q "$code" <<< "$told" || { echo "$told" >&2; return 1; }
}

ana=$(make ana)
aws iam add-user-to-group --group-name readers --user-name ana
try "$ana" s3api list-buckets
try "$ana" ec2 describe-vpcs
refused "$ana" AccessDenied s3api create-bucket --bucket "ana-was-here-$ACCOUNT"

ben=$(make ben)
refused "$ben" AccessDenied s3api list-buckets

olga=$(make olga)
aws iam put-user-policy --user-name olga --policy-name operator --policy-document '{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
    {"Effect": "Deny", "Action": ["ec2:TerminateInstances", "ec2:DeleteVpc"], "Resource": "*"}]}'
vpc=$(try "$olga" ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text)
refused "$olga" UnauthorizedOperation ec2 delete-vpc --vpc-id "$vpc"

ina=$(make ina)
aws iam put-user-policy --user-name ina --policy-name own-bucket --policy-document '{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::*"}}'
try "$ina" s3api create-bucket --bucket "ina-$ACCOUNT" > /dev/null
refused "$ina" AccessDenied s3api delete-bucket --bucket "ina-$ACCOUNT"
