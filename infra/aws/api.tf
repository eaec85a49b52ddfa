# HTTP: one API, a route for each route of infra/functions.json, and a throttle on each of them. A path's other methods go to its function,
# too: HEAD is answered as GET is, and the rest is refused in words; otherwise they would be pages that are not there.

locals {
  routes = merge(concat(
    [for name, function in local.http : { for route in function.routes : route => name }],
    [for name, function in local.http : {
      for path in distinct([for route in function.routes : split(" ", route)[1] if route != "$default"]) : "ANY ${path}" => name
    }],
  )...)
  # Each route has a throttle of its own, of the class that functions.json names, else by what its method says.
  classes = { for route, name in local.routes : route => startswith(route, "ANY ") ? "other" : try(
    [for class, routes in local.http[name].throttles : class if contains(routes, route)][0],
    startswith(route, "GET ") || route == "$default" ? "read" : "write"
  ) }
  # Who asks for heads only, follows links and goes.
  throttles = merge(var.throttle, { other = { rate = 10, burst = 20 } })
}

resource "aws_apigatewayv2_api" "site" {
  name          = var.name
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "functions" {
  for_each               = local.http
  api_id                 = aws_apigatewayv2_api.site.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_alias.live[each.key].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_route" "routes" {
  for_each  = local.routes
  api_id    = aws_apigatewayv2_api.site.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.functions[each.value].id}"
}

resource "aws_lambda_permission" "api" {
  for_each      = local.http
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.functions[each.key].function_name
  qualifier     = aws_lambda_alias.live[each.key].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.site.execution_arn}/*/*"
}

# Below /aws/vendedlogs the account's one policy for logs of services does not grow with each group; it has room for few.
resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/vendedlogs/apigateway/${var.name}"
  retention_in_days = 14
}

resource "aws_apigatewayv2_stage" "live" {
  api_id      = aws_apigatewayv2_api.site.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.throttle.read.rate
    throttling_burst_limit = var.throttle.read.burst
  }
  dynamic "route_settings" {
    for_each = local.classes
    content {
      route_key              = route_settings.key
      throttling_rate_limit  = local.throttles[route_settings.value].rate
      throttling_burst_limit = local.throttles[route_settings.value].burst
    }
  }
  # No query, no address of a person: a query may hold a signature.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      request_id = "$context.requestId"
      route      = "$context.routeKey"
      status     = "$context.status"
      ms         = "$context.responseLatency"
      error      = "$context.integrationErrorMessage"
    })
  }
  depends_on = [aws_apigatewayv2_route.routes]
}
