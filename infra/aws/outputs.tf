# What the command tells the organiser, and works with afterwards. The state holds it, as it holds the edge's own configuration with its
# secret; it is private.

output "site" {
  value = local.site_origin
}

output "api" {
  value = aws_apigatewayv2_api.site.api_endpoint
}

output "distribution" {
  value = aws_cloudfront_distribution.site.id
}

output "table" {
  value = aws_dynamodb_table.photos.name
}

output "buckets" {
  value = local.buckets
}

output "queues" {
  value = { originals = aws_sqs_queue.originals.url, isolation = aws_sqs_queue.isolation.url, dead_letters = aws_sqs_queue.dead_letters.url }
}

output "functions" {
  value = { for name, function in aws_lambda_function.functions : name => function.function_name }
}

# The next deployment goes on with them.
output "edge_secrets" {
  value     = var.edge_secrets
  sensitive = true
}

output "alarms" {
  value = var.alarm_email
}
