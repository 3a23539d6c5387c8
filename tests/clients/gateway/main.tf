terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "account" { type = string }
variable "endpoint" { type = string }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = var.account
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false
  endpoints {
    apigateway = var.endpoint
    iam        = var.endpoint
    sts        = var.endpoint
  }
}

resource "aws_api_gateway_rest_api" "shop" {
  name               = "shop"
  description        = "what Terraform makes"
  binary_media_types = ["image/png"]
  endpoint_configuration {
    types = ["REGIONAL"]
  }
  tags = { team = "a" }
}

resource "aws_api_gateway_resource" "items" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "items"
}

resource "aws_api_gateway_model" "item" {
  rest_api_id  = aws_api_gateway_rest_api.shop.id
  name         = "Item"
  content_type = "application/json"
  schema       = jsonencode({ type = "object", required = ["name"] })
}

resource "aws_api_gateway_request_validator" "body" {
  rest_api_id           = aws_api_gateway_rest_api.shop.id
  name                  = "body"
  validate_request_body = true
}

resource "aws_api_gateway_method" "add" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  resource_id          = aws_api_gateway_resource.items.id
  http_method          = "POST"
  authorization        = "NONE"
  api_key_required     = true
  request_validator_id = aws_api_gateway_request_validator.body.id
  request_models       = { "application/json" = aws_api_gateway_model.item.name }
  request_parameters   = { "method.request.querystring.q" = false }
}

resource "aws_api_gateway_integration" "add" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  resource_id          = aws_api_gateway_resource.items.id
  http_method          = aws_api_gateway_method.add.http_method
  type                 = "MOCK"
  request_templates    = { "application/json" = "{\"statusCode\": 200}" }
  cache_key_parameters = ["method.request.querystring.q"]
}

resource "aws_api_gateway_method_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.shop.id
  resource_id         = aws_api_gateway_resource.items.id
  http_method         = aws_api_gateway_method.add.http_method
  status_code         = "200"
  response_models     = { "application/json" = "Empty" }
  response_parameters = { "method.response.header.X-Own" = true }
}

resource "aws_api_gateway_integration_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.shop.id
  resource_id         = aws_api_gateway_resource.items.id
  http_method         = aws_api_gateway_method.add.http_method
  status_code         = aws_api_gateway_method_response.ok.status_code
  response_templates  = { "application/json" = "added" }
  response_parameters = { "method.response.header.X-Own" = "'v'" }
  depends_on          = [aws_api_gateway_integration.add]
}

resource "aws_api_gateway_gateway_response" "bad" {
  rest_api_id        = aws_api_gateway_rest_api.shop.id
  response_type      = "BAD_REQUEST_BODY"
  status_code        = "422"
  response_templates = { "application/json" = "wrong" }
}

resource "aws_api_gateway_deployment" "now" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  triggers    = { methods = sha1(jsonencode([aws_api_gateway_integration.add.id, aws_api_gateway_integration_response.ok.id])) }
  depends_on  = [aws_api_gateway_integration_response.ok, aws_api_gateway_gateway_response.bad]
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  deployment_id = aws_api_gateway_deployment.now.id
  stage_name    = "prod"
  variables     = { v = "1" }
  tags          = { team = "a" }
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"
  settings {
    throttling_burst_limit = 50
    throttling_rate_limit  = 100
    metrics_enabled        = true
  }
}

resource "aws_api_gateway_usage_plan" "basic" {
  name = "basic"
  api_stages {
    api_id = aws_api_gateway_rest_api.shop.id
    stage  = aws_api_gateway_stage.prod.stage_name
  }
  quota_settings {
    limit  = 10
    period = "DAY"
  }
  throttle_settings {
    burst_limit = 5
    rate_limit  = 10
  }
}

resource "aws_api_gateway_api_key" "customer" {
  name = "customer"
}

resource "aws_api_gateway_usage_plan_key" "customer" {
  key_id        = aws_api_gateway_api_key.customer.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.basic.id
}

output "api" { value = aws_api_gateway_rest_api.shop.id }
output "key" {
  value     = aws_api_gateway_api_key.customer.value
  sensitive = true
}
