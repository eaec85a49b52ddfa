# Nothing that would be made is beyond what AWS takes (quotas.json): an account would refuse it in the middle of an apply. Each message
# begins with the quota's key: a story lowers each quota and sees that somebody notices. Policies that the provider writes down are
# measured as they are described here, which is longer; names, as if the site's own had the 20 characters that it may have.

mock_provider "aws" {
  override_during = plan
  source          = "./tests"
}

mock_provider "aws" {
  alias           = "global"
  override_during = plan
  source          = "./tests"
}

run "what_is_planned_is_within_the_quotas" {
  command = plan

  # The edge is within the quotas.
  assert {
    condition     = length(aws_cloudfront_cache_policy.answers) <= local.quotas.cache_policies
    error_message = "cache_policies: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_cache_policy.answers : length(flatten(one(policy.parameters_in_cache_key_and_forwarded_to_origin).query_strings_config[*].query_strings[*].items))]...) <= local.quotas.cache_policy_queries
    error_message = "cache_policy_queries: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_cache_policy.answers : length(flatten(one(policy.parameters_in_cache_key_and_forwarded_to_origin).headers_config[*].headers[*].items))]...) <= local.quotas.cache_policy_headers
    error_message = "cache_policy_headers: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_cache_policy.answers : length(flatten(one(policy.parameters_in_cache_key_and_forwarded_to_origin).cookies_config[*].cookies[*].items))]...) <= local.quotas.cache_policy_cookies
    error_message = "cache_policy_cookies: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_cache_policy.answers : length(join("", concat(flatten(one(policy.parameters_in_cache_key_and_forwarded_to_origin).query_strings_config[*].query_strings[*].items), flatten(one(policy.parameters_in_cache_key_and_forwarded_to_origin).headers_config[*].headers[*].items), flatten(one(policy.parameters_in_cache_key_and_forwarded_to_origin).cookies_config[*].cookies[*].items))))]...) <= local.quotas.cache_policy_names
    error_message = "cache_policy_names: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_cloudfront_origin_request_policy.storage) <= local.quotas.origin_request_policies
    error_message = "origin_request_policies: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_origin_request_policy.storage : length(flatten(policy.query_strings_config[*].query_strings[*].items))]...) <= local.quotas.origin_request_policy_queries
    error_message = "origin_request_policy_queries: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_origin_request_policy.storage : length(flatten(policy.headers_config[*].headers[*].items))]...) <= local.quotas.origin_request_policy_headers
    error_message = "origin_request_policy_headers: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_origin_request_policy.storage : length(flatten(policy.cookies_config[*].cookies[*].items))]...) <= local.quotas.origin_request_policy_cookies
    error_message = "origin_request_policy_cookies: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudfront_origin_request_policy.storage : length(join("", concat(flatten(policy.query_strings_config[*].query_strings[*].items), flatten(policy.headers_config[*].headers[*].items), flatten(policy.cookies_config[*].cookies[*].items))))]...) <= local.quotas.origin_request_policy_names
    error_message = "origin_request_policy_names: beyond what AWS takes."
  }
  assert {
    condition     = length(concat(aws_cloudfront_response_headers_policy.answers, aws_cloudfront_response_headers_policy.pictures)) <= local.quotas.response_headers_policies
    error_message = "response_headers_policies: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in concat(aws_cloudfront_response_headers_policy.answers, aws_cloudfront_response_headers_policy.pictures) : length(flatten(policy.custom_headers_config[*].items))]...) <= local.quotas.response_headers_policy_headers
    error_message = "response_headers_policy_headers: beyond what AWS takes."
  }
  assert {
    condition     = max(0, flatten([for policy in concat(aws_cloudfront_response_headers_policy.answers, aws_cloudfront_response_headers_policy.pictures) : [for header in flatten([for headers in policy.custom_headers_config : tolist(headers.items)]) : length(header.value)]])...) <= local.quotas.response_header_value
    error_message = "response_header_value: beyond what AWS takes."
  }
  assert {
    condition     = max(0, flatten([for policy in concat(aws_cloudfront_response_headers_policy.answers, aws_cloudfront_response_headers_policy.pictures) : [for headers in policy.security_headers_config : [for one in headers.content_security_policy : length(one.content_security_policy)]]])...) <= local.quotas.content_security_policy
    error_message = "content_security_policy: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_cloudfront_distribution.site.ordered_cache_behavior) + 1 <= local.quotas.behaviours
    error_message = "behaviours: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_cloudfront_distribution.site.origin) <= local.quotas.origins
    error_message = "origins: beyond what AWS takes."
  }
  assert {
    condition     = max(0, flatten([for origin in aws_cloudfront_distribution.site.origin : [for custom in origin.custom_origin_config : coalesce(custom.origin_read_timeout, 30)]])...) <= local.quotas.origin_response_timeout
    error_message = "origin_response_timeout: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_cloudfront_function.signed) <= local.quotas.edge_functions
    error_message = "edge_functions: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for function in aws_cloudfront_function.signed : length(function.code)]...) <= local.quotas.edge_function_code
    error_message = "edge_function_code: beyond what AWS takes."
  }
  assert {
    condition     = length([aws_cloudfront_origin_access_control.public]) <= local.quotas.origin_access_controls
    error_message = "origin_access_controls: beyond what AWS takes."
  }

  # Functions are within the quotas.
  assert {
    condition     = max(0, [for name in keys(local.functions) : try(length(filebase64("${var.zips}/${name}.zip")) / 4 * 3, 0)]...) <= local.quotas.function_package
    error_message = "function_package: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for function in aws_lambda_function.functions : length(join("", [for name, value in one(function.environment).variables : "${name}${value}"]))]...) <= local.quotas.function_environment
    error_message = "function_environment: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for function in aws_lambda_function.functions : function.timeout]...) <= local.quotas.function_timeout
    error_message = "function_timeout: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for function in aws_lambda_function.functions : function.memory_size]...) <= local.quotas.function_memory
    error_message = "function_memory: beyond what AWS takes."
  }
  assert {
    condition = max(0, [
      for name in keys(local.functions) : length(jsonencode([
        for permission in concat(values(aws_lambda_permission.api), values(aws_lambda_permission.scheduled)) : {
          Sid       = permission.statement_id
          Effect    = "Allow"
          Principal = { Service = permission.principal }
          Action    = permission.action
          Resource  = "${aws_lambda_function.functions[name].arn}:${permission.qualifier}"
          Condition = { ArnLike = { "AWS:SourceArn" = permission.source_arn } }
        } if permission.function_name == aws_lambda_function.functions[name].function_name
      ]))
    ]...) <= local.quotas.function_policy
    error_message = "function_policy: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for mapping in concat(values(aws_lambda_event_source_mapping.queued), values(aws_lambda_event_source_mapping.isolated)) : one(mapping.scaling_config).maximum_concurrency]...) <= local.quotas.function_mapping_concurrency
    error_message = "function_mapping_concurrency: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_iam_role_policy.functions : length(policy.policy)]...) <= local.quotas.role_inline_policies
    error_message = "role_inline_policies: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for role in aws_iam_role.functions : length(role.assume_role_policy)]...) <= local.quotas.role_trust_policy
    error_message = "role_trust_policy: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for role in aws_iam_role.functions : length(role.name) + 20 - length(var.name)]...) <= local.quotas.role_name
    error_message = "role_name: beyond what AWS takes."
  }

  # The api is within the quotas.
  assert {
    condition     = length(aws_apigatewayv2_route.routes) <= local.quotas.api_routes
    error_message = "api_routes: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_apigatewayv2_integration.functions) <= local.quotas.api_integrations
    error_message = "api_integrations: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for integration in aws_apigatewayv2_integration.functions : integration.timeout_milliseconds]...) <= local.quotas.api_integration_timeout
    error_message = "api_integration_timeout: beyond what AWS takes."
  }
  assert {
    condition     = length(one(aws_apigatewayv2_stage.live.access_log_settings).format) <= local.quotas.api_access_log_template
    error_message = "api_access_log_template: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for settings in aws_apigatewayv2_stage.live.route_settings : settings.throttling_rate_limit]...) <= local.quotas.api_rate
    error_message = "api_rate: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for settings in aws_apigatewayv2_stage.live.route_settings : settings.throttling_burst_limit]...) <= local.quotas.api_burst
    error_message = "api_burst: beyond what AWS takes."
  }

  # What is kept is within the quotas.
  assert {
    condition = max(0, [
      for room, policy in data.aws_iam_policy_document.photos :
      length(jsonencode(policy.statement)) + (room == "public" ? length(jsonencode(data.aws_iam_policy_document.published.statement)) : 0)
    ]...) <= local.quotas.bucket_policy
    error_message = "bucket_policy: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for bucket in aws_s3_bucket.photos : length(bucket.bucket) + 20 - length(var.name)]...) <= local.quotas.bucket_name
    error_message = "bucket_name: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_s3_bucket_cors_configuration.originals.cors_rule) <= local.quotas.bucket_cors_rules
    error_message = "bucket_cors_rules: beyond what AWS takes."
  }
  assert {
    condition     = length(jsonencode(data.aws_iam_policy_document.originals_queue.statement)) <= local.quotas.queue_policy
    error_message = "queue_policy: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [aws_sqs_queue.originals, aws_sqs_queue.isolation, aws_sqs_queue.dead_letters][*].message_retention_seconds...) <= local.quotas.queue_retention
    error_message = "queue_retention: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [aws_sqs_queue.originals, aws_sqs_queue.isolation][*].visibility_timeout_seconds...) <= local.quotas.queue_visibility
    error_message = "queue_visibility: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_dynamodb_table.photos.global_secondary_index) <= local.quotas.table_indexes
    error_message = "table_indexes: beyond what AWS takes."
  }

  # Who is told is within the quotas.
  assert {
    condition     = max(0, [for topic in concat([aws_sns_topic.alarms, aws_sns_topic.edge_alarms], aws_sns_topic.call, aws_sns_topic.edge_call) : length(topic.name) + 20 - length(var.name)]...) <= local.quotas.topic_name
    error_message = "topic_name: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for policy in aws_cloudwatch_log_resource_policy.edge : length(policy.policy_document)]...) <= local.quotas.log_policy
    error_message = "log_policy: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for alarm in concat(values(aws_cloudwatch_metric_alarm.here), [aws_cloudwatch_metric_alarm.table], values(aws_cloudwatch_metric_alarm.edge)) : length(alarm.alarm_name) + 20 - length(var.name)]...) <= local.quotas.alarm_name
    error_message = "alarm_name: beyond what AWS takes."
  }
  assert {
    condition     = max(0, flatten([for alarm in concat(values(aws_cloudwatch_metric_alarm.here), [aws_cloudwatch_metric_alarm.table], values(aws_cloudwatch_metric_alarm.edge)) : [length(alarm.alarm_actions), length(alarm.ok_actions)]])...) <= local.quotas.alarm_actions
    error_message = "alarm_actions: beyond what AWS takes."
  }
  assert {
    condition     = length([for query in aws_cloudwatch_metric_alarm.table.metric_query : query if length(query.metric) > 0]) <= local.quotas.alarm_metrics
    error_message = "alarm_metrics: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for alarm in concat(aws_cloudwatch_composite_alarm.call, aws_cloudwatch_composite_alarm.edge_call) : length(split("ALARM(", alarm.alarm_rule)) - 1]...) <= local.quotas.alarm_children
    error_message = "alarm_children: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for alarm in concat(aws_cloudwatch_composite_alarm.call, aws_cloudwatch_composite_alarm.edge_call) : length(alarm.alarm_rule)]...) <= local.quotas.alarm_rule
    error_message = "alarm_rule: beyond what AWS takes."
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.day.dashboard_body).widgets) <= local.quotas.dashboard_widgets
    error_message = "dashboard_widgets: beyond what AWS takes."
  }
  assert {
    condition     = max(0, [for widget in jsondecode(aws_cloudwatch_dashboard.day.dashboard_body).widgets : length(widget.properties.metrics)]...) <= local.quotas.dashboard_widget_metrics
    error_message = "dashboard_widget_metrics: beyond what AWS takes."
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.scheduled) <= local.quotas.schedule_rules
    error_message = "schedule_rules: beyond what AWS takes."
  }
}
