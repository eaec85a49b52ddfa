# Who is told when something needs a person, and where to look. metrics.json says by which dimensions a metric is published: an alarm on
# others never rings.
#
# Decision: no canary that sends a photo every five minutes. The trial is one (`techognition smoke`), and finds more from outside the account;
# but each photo that it shows and withdraws is 21 paths to forget, so that twelve of them an hour cost $1.26 an hour beyond the free thousand of
# a month. What a day's own photos show costs nothing more: how long they take to the queue (uploads-slow), decisions to their effect
# (decisions-slow), the oldest wait, failures of the API and the edge. Given up: that nobody can send photos is not told as long as nobody
# tries. So run the trial before the day opens, and whenever it is strangely quiet.

locals {
  # Calls that the schedule makes in five minutes of what runs at least that often.
  sweeps = sum(concat([0], [for task in local.scheduled : 300 / task.every_s if task.every_s <= 300]))
  # What reads and writes the table, as its metrics name it.
  operations = [
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems", "TransactWriteItems", "UpdateItem",
  ]

  # Lines that a function logs for somebody to see: the value of their field `alarm` (domain/report.rs says when). A line is in the log as
  # JSON, with its fields in `fields`.
  told = {
    reports-braked = {
      function = "console"
      says     = "Ten photos were hidden by reports within five minutes. For an hour, reports from people who have sent no photos hide nothing that a moderator has checked. Check the lane Reported now."
    }
  }

  # What of it stops the day is in `calls`: then somebody is called (call-somebody), and not only sent a message.
  calls = ["erasures-late", "failures", "functions-at-once", "sweeps-late", "table-throttles", "waiting"]
  alarms = merge(
    {
      dead-letters = {
        says      = "A photo failed five times and needs a person. What to do: infra/README.md, failed messages."
        namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", above = 0, minutes = 1
        of        = { QueueName = aws_sqs_queue.dead_letters.name }
      }
      waiting = {
        says      = "A photo has waited more than five minutes for its sizes for the web."
        namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", above = 300, minutes = 1
        of        = { QueueName = aws_sqs_queue.originals.name }
      }
      isolated = {
        says      = "A photo that crashed its function has waited more than ten minutes for its last attempt."
        namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", above = 600, minutes = 1
        of        = { QueueName = aws_sqs_queue.isolation.name }
      }
      failures = {
        says      = "The API failed more than five times in five minutes."
        namespace = "AWS/ApiGateway", metric = "5xx", statistic = "Sum", above = 5, minutes = 5
        of        = { ApiId = aws_apigatewayv2_api.site.id }
      }
      functions-at-once = {
        says      = "More than 70 % of the ${local.functions_at_once} functions that the account may run at once are in use. To ask AWS for more, run techognition preflight --ask."
        namespace = "AWS/Lambda", metric = "ClaimedAccountConcurrency", statistic = "Maximum", above = floor(local.functions_at_once * 0.7), minutes = 5
        of        = {}
      }
      renditions-slow = {
        says      = "More than 5 % of the photos took longer than twelve seconds to process, which is the most that a photo may take."
        namespace = "AWS/Lambda", metric = "Duration", statistic = "p95", above = 12000, minutes = 5
        of        = { FunctionName = aws_lambda_function.functions["renditions"].function_name }
      }
      # What the functions tell of themselves, in lines of their logs: shared/src/runtime/metrics.rs.
      decisions-wait = {
        says      = "A photo has waited more than two hours for a decision."
        namespace = var.name, metric = "OldestWaits", statistic = "Maximum", above = 7200000, minutes = 5
        of        = {}
      }
      erasures-late = {
        says      = "An erasure is more than ten minutes late: a removed photo may still be on the delivery network, or its file in a bucket."
        namespace = var.name, metric = "OutboxLate", statistic = "Maximum", above = 600000, minutes = 5
        of        = {}
      }
      uploads-slow = {
        says      = "More than 10 % of the photos took longer than two minutes from arrival to the moderators' queue."
        namespace = var.name, metric = "UploadToPending", statistic = "p90", above = 120000, minutes = 5
        of        = {}
      }
      decisions-slow = {
        says      = "More than 10 % of the decisions took longer than two minutes to reach all visitors."
        namespace = var.name, metric = "DecisionToEffect", statistic = "p90", above = 120000, minutes = 5
        of        = {}
      }
      # No call, and no figure that says so: the metric is missing then.
      sweeps-late = {
        says      = "Housekeeping runs less often than it should: photos from trusted devices wait, and removals take longer."
        namespace = "AWS/Lambda", metric = "Invocations", statistic = "Sum", below = floor(local.sweeps * 0.8), minutes = 5, periods = 2
        of        = { FunctionName = aws_lambda_function.functions["housekeeping"].function_name }
      }
    },
    {
      for name, task in local.scheduled : "${name}-late" => {
        says      = "The scheduled task ${name} was missed twice, or has not run for a day."
        namespace = "AWS/Events", metric = "Invocations", statistic = "Sum", below = 1, minutes = min(2 * task.every_s, 86400) / 60
        of        = { RuleName = aws_cloudwatch_event_rule.scheduled[name].name }
      } if task.every_s > 300
    },
    {
      for name, told in local.told : name => {
        says      = told.says
        namespace = var.name, metric = name, statistic = "Sum", above = 0, minutes = 1
        of        = {}
      }
    },
    {
      for name in keys(local.functions) : "${name}-throttles" => {
        says      = "Calls of ${name} were refused: the account's limit on functions at once is reached."
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
  # Whether the site takes itself offline when too much is loaded from the edge.
  goes_offline = var.egress_offline_gb_per_hour > 0
  # The edge's figures are in one region, wherever the site is.
  edge_alarms = merge({
    egress = {
      says   = "The edge sent more than ${var.egress_gb_per_hour} GB within an hour. To see what that costs, run techognition ceiling."
      metric = "BytesDownloaded", statistic = "Sum", above = var.egress_gb_per_hour * 1000000000, minutes = 60, periods = 1
    }
    edge-errors = {
      says   = "For ten minutes, more than 5 % of the requests to CloudFront have failed."
      metric = "5xxErrorRate", statistic = "Average", above = 5, minutes = 5, periods = 2
    }
    }, {
    for name in ["egress-offline"] : name => {
      says   = "The edge sent more than ${var.egress_offline_gb_per_hour} GB within an hour, so the site has taken itself offline. It stays offline until you run techognition online."
      metric = "BytesDownloaded", statistic = "Sum", above = var.egress_offline_gb_per_hour * 1000000000, minutes = 60, periods = 1
    } if local.goes_offline
  })
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

# A telephone, for what cannot wait until somebody reads.
resource "aws_sns_topic" "call" {
  count = var.alarm_phone == "" ? 0 : 1
  name  = "${var.name}-call"
}

resource "aws_sns_topic" "edge_call" {
  count    = var.alarm_phone == "" ? 0 : 1
  provider = aws.global
  name     = "${var.name}-edge-call"
}

resource "aws_sns_topic_subscription" "call" {
  count     = var.alarm_phone == "" ? 0 : 1
  topic_arn = aws_sns_topic.call[0].arn
  protocol  = "sms"
  endpoint  = var.alarm_phone
}

resource "aws_sns_topic_subscription" "edge_call" {
  provider  = aws.global
  count     = var.alarm_phone == "" ? 0 : 1
  topic_arn = aws_sns_topic.edge_call[0].arn
  protocol  = "sms"
  endpoint  = var.alarm_phone
}

# What the alarm egress-offline calls: the function that schedules call too, which changes the firewall's lists. It works in the site's region.
resource "aws_sns_topic" "offline" {
  count    = local.goes_offline ? 1 : 0
  provider = aws.global
  name     = "${var.name}-offline"
}

resource "aws_sns_topic_subscription" "offline" {
  for_each  = local.goes_offline ? toset([for name, function in local.functions : name if function.trigger == "schedule"]) : []
  provider  = aws.global
  topic_arn = aws_sns_topic.offline[0].arn
  protocol  = "lambda"
  endpoint  = aws_lambda_alias.live[each.key].arn

  depends_on = [aws_lambda_permission.offline]
}

resource "aws_lambda_permission" "offline" {
  for_each      = local.goes_offline ? toset([for name, function in local.functions : name if function.trigger == "schedule"]) : []
  statement_id  = "offline"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.functions[each.key].function_name
  qualifier     = aws_lambda_alias.live[each.key].name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.offline[0].arn
}

resource "aws_cloudwatch_metric_alarm" "here" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  dimensions          = each.value.of
  comparison_operator = can(each.value.below) ? "LessThanThreshold" : "GreaterThanThreshold"
  threshold           = try(each.value.below, each.value.above)
  period              = each.value.minutes * 60
  evaluation_periods  = try(each.value.periods, 1)
  treat_missing_data  = can(each.value.below) ? "breaching" : "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  # What runs on a schedule is late as long as there is none.
  depends_on = [aws_cloudwatch_event_target.scheduled]
}

resource "aws_cloudwatch_log_metric_filter" "told" {
  for_each       = local.told
  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.functions[each.value.function].name
  pattern        = "{ $.fields.alarm = \"${each.key}\" }"
  metric_transformation {
    namespace = var.name
    name      = each.key
    value     = "1"
  }
}

# The table counts what it refuses by operation, and nowhere together.
resource "aws_cloudwatch_metric_alarm" "table" {
  alarm_name          = "${var.name}-table-throttles"
  alarm_description   = "The table refused requests because too many came at once."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "refused"
    expression  = "SUM(FILL(METRICS(), 0))"
    label       = "Requests refused"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = local.operations
    iterator = operation
    content {
      id = lower(operation.value)
      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "ThrottledRequests"
        dimensions  = { TableName = aws_dynamodb_table.photos.name, Operation = operation.value }
        period      = 300
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "edge" {
  for_each            = local.edge_alarms
  provider            = aws.global
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = "AWS/CloudFront"
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = { DistributionId = aws_cloudfront_distribution.site.id, Region = "Global" }
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.minutes * 60
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = concat([aws_sns_topic.edge_alarms.arn], each.key == "egress-offline" ? aws_sns_topic.offline[*].arn : [])
  ok_actions          = [aws_sns_topic.edge_alarms.arn]
}

# One for all that stops the day. An alarm hears of those of its own region only.
resource "aws_cloudwatch_composite_alarm" "call" {
  count             = var.emulated ? 0 : 1
  alarm_name        = "${var.name}-call-somebody"
  alarm_description = "The day has stopped, or is about to. The other alarms say why. What to do: infra/README.md, when something is wrong."
  alarm_rule = join(" OR ", [
    for alarm in concat(values(aws_cloudwatch_metric_alarm.here), [aws_cloudwatch_metric_alarm.table]) : "ALARM(\"${alarm.alarm_name}\")"
    if contains(local.calls, trimprefix(alarm.alarm_name, "${var.name}-"))
  ])
  alarm_actions = concat([aws_sns_topic.alarms.arn], aws_sns_topic.call[*].arn)
  ok_actions    = concat([aws_sns_topic.alarms.arn], aws_sns_topic.call[*].arn)
}

resource "aws_cloudwatch_composite_alarm" "edge_call" {
  count             = var.emulated ? 0 : 1
  provider          = aws.global
  alarm_name        = "${var.name}-edge-call-somebody"
  alarm_description = "CloudFront fails, or sends more data than the settings allow. What to do: infra/README.md, when something is wrong."
  alarm_rule        = join(" OR ", [for alarm in aws_cloudwatch_metric_alarm.edge : "ALARM(\"${alarm.alarm_name}\")"])
  alarm_actions     = concat([aws_sns_topic.edge_alarms.arn], aws_sns_topic.edge_call[*].arn)
  ok_actions        = concat([aws_sns_topic.edge_alarms.arn], aws_sns_topic.edge_call[*].arn)
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

  # Last: an account may keep its bill from all but its root user, and then everything else is there.
  depends_on = [aws_cloudfront_distribution.site, aws_apigatewayv2_stage.live, aws_lambda_event_source_mapping.queued]
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
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.isolation.name],
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
          title = "Functions at once, of ${local.functions_at_once} that the account may run", stat = "Maximum"
          metrics = concat(
            [["AWS/Lambda", "ClaimedAccountConcurrency"]],
            [for name, function in aws_lambda_function.functions : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", function.function_name]],
          )
        },
        {
          title   = "Duration of functions, 99 of 100, in milliseconds", stat = "p99"
          metrics = [for name, function in aws_lambda_function.functions : ["AWS/Lambda", "Duration", "FunctionName", function.function_name]]
        },
        {
          title = "Photos that came into a state", stat = "Sum"
          metrics = [
            for state in ["reserved", "pending", "published", "rejected", "hidden", "deleted", "expired", "quarantined"] :
            [var.name, "PhotosMoved", "State", state]
          ]
        },
        {
          title = "From arrival to queue, from decision to effect, waiting, erasures late: the maximum, in milliseconds", stat = "Maximum"
          metrics = [
            [var.name, "UploadToPending"], [var.name, "DecisionToEffect"], [var.name, "OldestWaits"], [var.name, "OutboxLate"],
          ]
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

# What the edge was asked, for two weeks: an attack that its cache answers reaches no other log. Without addresses of people, without
# what their browsers say of them, and without queries, which may hold a signature.
resource "aws_cloudwatch_log_group" "edge" {
  count             = var.emulated ? 0 : 1
  provider          = aws.global
  name              = "/aws/vendedlogs/cloudfront/${var.name}"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_delivery_source" "edge" {
  count        = var.emulated ? 0 : 1
  provider     = aws.global
  name         = "${var.name}-edge"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.site.arn
}

resource "aws_cloudwatch_log_delivery_destination" "edge" {
  count         = var.emulated ? 0 : 1
  provider      = aws.global
  name          = "${var.name}-edge"
  output_format = "json"
  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.edge[0].arn
  }
}

# Without it the delivery is made, and nothing arrives.
resource "aws_cloudwatch_log_resource_policy" "edge" {
  count       = var.emulated ? 0 : 1
  provider    = aws.global
  policy_name = "${var.name}-edge"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.edge[0].arn}:log-stream:*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:aws:logs:us-east-1:${local.account}:*" }
      }
    }]
  })
}

resource "aws_cloudwatch_log_delivery" "edge" {
  count                    = var.emulated ? 0 : 1
  provider                 = aws.global
  delivery_source_name     = aws_cloudwatch_log_delivery_source.edge[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.edge[0].arn
  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
  record_fields = [
    "date", "time", "x-edge-location", "c-country", "cs-method", "cs-uri-stem", "sc-status", "sc-bytes", "cs-bytes", "time-taken",
    "x-edge-result-type", "x-edge-request-id",
  ]

  depends_on = [aws_cloudwatch_log_resource_policy.edge]
}
