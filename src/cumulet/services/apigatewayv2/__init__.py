"""Amazon API Gateway, version 2: HTTP and WebSocket APIs, their domain names, and the requests that come to them."""

from cumulet.kernel import Service

SERVICE = Service(api="apigatewayv2", principal="apigateway.amazonaws.com",
                  needs=("acm", "apigateway", "apigatewayv2", "cloudwatch", "lambda", "logs"),
                  also=("apigatewaymanagementapi",),
                  absent={"*Portal": "a portal's web site is not served"})
