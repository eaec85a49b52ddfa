# Who is told when something needs a person, and where to look.

locals {
  alarms = merge(
    {
      dead-letters = {
        says      = "A photo failed five times and waits for a person. What to do: infra/README.md, dead letters."
        namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", above = 0, minutes = 1
        of        = { QueueName = aws_sqs_queue.dead_letters.name }
      }
      waiting = {
        says      = "The oldest photo has waited more than five minutes for its renditions."
        namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", above = 300, minutes = 1
        of        = { QueueName = aws_sqs_queue.originals.name }
      }
      failures = {
        says      = "The API answered more than five times in five minutes that something broke on our side."
        namespace = "AWS/ApiGateway", metric = "5xx", statistic = "Sum", above = 5, minutes = 5
        of        = { ApiId = aws_apigatewayv2_api.site.id }
      }
      table-throttles = {
        says      = "The table refused requests because there were too many at once."
        namespace = "AWS/DynamoDB", metric = "ThrottledRequests", statistic = "Sum", above = 0, minutes = 5
        of        = { TableName = aws_dynamodb_table.photos.name }
      }
    },
    {
      for name in keys(local.functions) : "${name}-throttles" => {
        says      = "Calls of ${name} were refused: the account's limit of functions at once is reached."
        namespace = "AWS/Lambda", metric = "Throttles", statistic = "Sum", above = 0, minutes = 5
        of        = { FunctionName = aws_lambda_function.functions[name].function_name }
      }
    },
    {
      for name in keys(local.functions) : "${name}-errors" => {
        says      = "${name} failed more than three times in five minutes."
        namespace = "AWS/Lambda", metric = "Errors", statistic = "Sum", above = 3, minutes = 5
        of        = { FunctionName = aws_lambda_function.functions[name].function_name }
      }
    },
  )
}

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic" "edge_alarms" {
  provider = aws.global
  name     = "${var.name}-edge-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  count     = var.alarm_email == "" ? 0 : 1
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_sns_topic_subscription" "edge_alarms" {
  provider  = aws.global
  count     = var.alarm_email == "" ? 0 : 1
  topic_arn = aws_sns_topic.edge_alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "here" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.of
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.minutes * 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "egress" {
  provider            = aws.global
  alarm_name          = "${var.name}-egress"
  alarm_description   = "The edge sent more than ${var.egress_gb_per_hour} GB within an hour. What that costs: techognition ceiling."
  namespace           = "AWS/CloudFront"
  metric_name         = "BytesDownloaded"
  statistic           = "Sum"
  dimensions          = { DistributionId = aws_cloudfront_distribution.site.id, Region = "Global" }
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.egress_gb_per_hour * 1000000000
  period              = 3600
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.edge_alarms.arn]
}

resource "aws_budgets_budget" "month" {
  count        = var.emulated || var.alarm_email == "" ? 0 : 1
  name         = "${var.name}-month"
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = [{ at = 50, of = "ACTUAL" }, { at = 80, of = "ACTUAL" }, { at = 100, of = "FORECASTED" }]
    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.at
      threshold_type             = "PERCENTAGE"
      notification_type          = notification.value.of
      subscriber_email_addresses = [var.alarm_email]
    }
  }
}

resource "aws_cloudwatch_dashboard" "day" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [
      for index, widget in [
        {
          title = "Photos that wait for renditions, and dead letters", stat = "Maximum"
          metrics = [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.originals.name],
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead_letters.name],
          ]
        },
        {
          title   = "Age of the oldest waiting photo, in seconds", stat = "Maximum"
          metrics = [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.originals.name]]
        },
        {
          title = "Requests that reached the API, and failures", stat = "Sum"
          metrics = [
            ["AWS/ApiGateway", "Count", "ApiId", aws_apigatewayv2_api.site.id],
            ["AWS/ApiGateway", "4xx", "ApiId", aws_apigatewayv2_api.site.id],
            ["AWS/ApiGateway", "5xx", "ApiId", aws_apigatewayv2_api.site.id],
          ]
        },
        {
          title   = "Functions at once", stat = "Maximum"
          metrics = [for name, function in aws_lambda_function.functions : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", function.function_name]]
        },
        {
          title   = "Duration of functions, 99 of 100, in milliseconds", stat = "p99"
          metrics = [for name, function in aws_lambda_function.functions : ["AWS/Lambda", "Duration", "FunctionName", function.function_name]]
        },
        {
          title   = "Errors of functions", stat = "Sum"
          metrics = [for name, function in aws_lambda_function.functions : ["AWS/Lambda", "Errors", "FunctionName", function.function_name]]
        },
        ] : {
        type = "metric", width = 12, height = 6, x = index % 2 * 12, y = floor(index / 2) * 6
        properties = {
          title = widget.title, stat = widget.stat, metrics = widget.metrics, region = var.region, period = 60, view = "timeSeries"
        }
      }
    ]
  })
}
