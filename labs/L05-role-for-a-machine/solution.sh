aws iam create-role --role-name web-server --assume-role-policy-document '{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}' > /dev/null
aws iam put-role-policy --role-name web-server --policy-name buckets --policy-document '{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
    {"Effect": "Allow", "Action": ["s3:CreateBucket", "s3:ListBucket"], "Resource": "arn:aws:s3:::app-*"},
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::app-*/*"}]}'
aws iam create-instance-profile --instance-profile-name web-server > /dev/null
aws iam add-role-to-instance-profile --instance-profile-name web-server --role-name web-server
