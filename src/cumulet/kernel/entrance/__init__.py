"""What users made and reach over plain HTTP, beside the services' APIs: whose it is, and how requests come there."""
