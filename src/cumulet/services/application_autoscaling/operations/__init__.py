"""The API of Application Auto Scaling, a file a noun."""
