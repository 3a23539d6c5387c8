"""Amazon API Gateway: REST APIs, their stages, keys and usage plans, and the requests that come to them."""

from cumulet.kernel import Service

SERVICE = Service(api="apigateway", principal="apigateway.amazonaws.com",
                  needs=("acm", "apigatewayv2", "cloudwatch", "lambda", "logs"),
                  absent={"*DomainNameAccessAssociation*": "domain names are not private", "GetSdk": "no client is generated"})
