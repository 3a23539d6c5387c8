"""The API of IAM Identity Center's administrators, a file a noun."""
