# What must be true of every deployment, asserted on the plan of what would be made: no account, no network, a few seconds.

mock_provider "aws" {
  override_during = plan
  source          = "./tests"
}

mock_provider "aws" {
  alias           = "global"
  override_during = plan
  source          = "./tests"
}

# The variables are in sample.auto.tfvars.json. Where TF_VAR_zips names a folder with packages, their sizes are held against their quota.

# Once for all that is true of the same plan: a plan takes longer than all that is asked of it.
run "the_plan_keeps_its_promises" {
  command = plan

  # Photos are private and kept.
  assert {
    condition = alltrue([
      for room in ["originals", "review", "public", "removals"] :
      aws_s3_bucket_public_access_block.photos[room].block_public_acls
      && aws_s3_bucket_public_access_block.photos[room].block_public_policy
      && aws_s3_bucket_public_access_block.photos[room].ignore_public_acls
      && aws_s3_bucket_public_access_block.photos[room].restrict_public_buckets
    ]) && length(aws_s3_bucket.photos) == 4
    error_message = "A bucket can be made public: each of the four needs all four public access blocks."
  }
  assert {
    condition = alltrue([
      for policy in concat(values(data.aws_iam_policy_document.photos), [data.aws_iam_policy_document.published]) : alltrue([
        for statement in policy.statement :
        statement.effect == "Deny" || alltrue([for who in statement.principals : who.type == "Service" && length(statement.condition) > 0])
      ])
    ]) && length(data.aws_iam_policy_document.photos) == 4
    error_message = "A bucket's policy allows something to somebody other than our own edge."
  }
  # What is gone is not forbidden: S3 says so to nobody but who may list the bucket.
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.published.statement : statement.effect != "Deny" && contains(statement.actions, "s3:ListBucket")
    ])
    error_message = "A picture that is gone is answered as one that nobody may see."
  }
  assert {
    condition     = alltrue([for room, bucket in aws_s3_bucket_ownership_controls.photos : one(bucket.rule).object_ownership == "BucketOwnerEnforced"])
    error_message = "A bucket lets writers own objects."
  }
  assert {
    condition = alltrue([
      for room in ["originals", "review", "public", "removals"] :
      one(one(aws_s3_bucket_server_side_encryption_configuration.photos[room].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    ])
    error_message = "A bucket is not encrypted."
  }
  assert {
    condition = alltrue([
      for room in ["originals", "review", "public", "removals"] : contains(data.aws_iam_policy_document.photos[room].statement[*].sid, "EncryptedConnectionsOnly")
    ])
    error_message = "A bucket answers unencrypted connections."
  }
  assert {
    condition     = contains(data.aws_iam_policy_document.photos["originals"].statement[*].sid, "WriteOnce") && contains(data.aws_iam_policy_document.photos["originals"].statement[*].sid, "ShortSignaturesOnly")
    error_message = "An original can be replaced, or a presigned address can live for longer than ten minutes."
  }
  assert {
    condition     = toset(one(aws_s3_bucket_cors_configuration.originals.cors_rule).allowed_methods) == toset(["PUT"]) && !contains(one(aws_s3_bucket_cors_configuration.originals.cors_rule).allowed_origins, "*")
    error_message = "Pages of other sites may use the originals bucket, or ours may do more than put."
  }
  assert {
    condition     = aws_dynamodb_table.photos.deletion_protection_enabled && one(aws_dynamodb_table.photos.point_in_time_recovery).enabled && one(aws_dynamodb_table.photos.server_side_encryption).enabled
    error_message = "The table can be deleted, cannot be brought back to an earlier minute, or is not encrypted with a key of the account."
  }
  assert {
    condition     = anytrue([for rule in aws_s3_bucket_lifecycle_configuration.photos["originals"].rule : one(rule.expiration[*].days) == var.original_days])
    error_message = "Originals are kept for longer than the settings say."
  }

  # Nobody may do more than granted.
  assert {
    condition = alltrue(flatten([
      for name, policy in aws_iam_role_policy.functions : [
        for statement in jsondecode(policy.policy).Statement : [for action in statement.Action : !strcontains(action, "*")]
      ]
    ]))
    error_message = "A function's role has a wildcard among its actions."
  }
  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.functions) : [
        for statement in jsondecode(policy.policy).Statement : can(regex("^[A-Za-z0-9]+$", statement.Sid))
      ]
    ]))
    error_message = "IAM takes letters and digits only as a statement's id."
  }
  assert {
    condition = alltrue(flatten([
      for name, policy in aws_iam_role_policy.functions : [
        for statement in jsondecode(policy.policy).Statement :
        statement.Sid == "tracing" || !contains(statement.Resource, "*")
      ]
    ]))
    error_message = "A function's role reaches every resource."
  }
  # Asserted of the resource too, so that a policy that is added elsewhere does not escape.
  assert {
    condition     = keys(aws_iam_role_policy.functions) == keys(local.functions) && keys(aws_iam_role.functions) == keys(local.functions)
    error_message = "A function has no role or no policy of its own."
  }

  # No photo is worked on twice at once.
  assert {
    condition     = alltrue([for function in aws_lambda_function.functions : function.timeout * 6 <= aws_sqs_queue.originals.visibility_timeout_seconds if contains(keys(local.queued), trimprefix(function.function_name, "sample-"))])
    error_message = "The queue shows a message again while a function may still be at work: its visibility must be six times the function's timeout."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.originals.redrive_policy).maxReceiveCount == 5 && aws_sqs_queue.dead_letters.message_retention_seconds > aws_sqs_queue.originals.message_retention_seconds
    error_message = "A photo that fails is lost before anybody looks."
  }
  assert {
    condition     = alltrue([for mapping in aws_lambda_event_source_mapping.queued : contains(mapping.function_response_types, "ReportBatchItemFailures")])
    error_message = "One photo that fails would bring back its whole batch."
  }

  # A photo that is begun can be finished.
  # The slowest photo that is accepted takes twelve seconds: functions/renditions.
  assert {
    condition     = alltrue([for name, mapping in aws_lambda_event_source_mapping.queued : mapping.batch_size * 12 <= aws_lambda_function.functions[name].timeout])
    error_message = "A batch of slow photos is stopped by the function's time: photos that nothing was wrong with are charged an attempt."
  }

  # What the schedule missed does not come at once.
  assert {
    condition = alltrue([
      for task in local.scheduled : anytrue([
        for name, late in aws_lambda_function_event_invoke_config.scheduled :
        name == task.function && late.maximum_retry_attempts == 0 && late.maximum_event_age_in_seconds <= task.every_s && late.qualifier == "live"
      ])
    ])
    error_message = "Sweeps that could not run wait for hours, and come all at once."
  }

  # Every function and route is made.
  assert {
    condition     = keys(aws_lambda_alias.live) == keys(local.functions) && keys(aws_cloudwatch_log_group.functions) == keys(local.functions)
    error_message = "A function of functions.json is not made, or has no alias or log."
  }
  assert {
    condition     = alltrue([for name, function in local.functions : length(setsubtract(function.environment, keys(one(aws_lambda_function.functions[name].environment).variables))) == 0])
    error_message = "A function is not told a variable that its row names."
  }
  assert {
    condition = alltrue([
      for function in aws_lambda_function.functions :
      function.publish && function.description == "release ${local.release}" && try(one(function.environment).variables.RELEASE, "") == local.release
    ]) && length(local.release) == 12
    error_message = "A function can be published apart from the others, so that nobody knows what to go back to."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.functions : group.retention_in_days == 14]) && aws_cloudwatch_log_group.api.retention_in_days == 14
    error_message = "A log is kept for ever."
  }
  assert {
    condition = toset([for settings in aws_apigatewayv2_stage.live.route_settings : settings.route_key]) == toset(keys(aws_apigatewayv2_route.routes)) && alltrue([
      for settings in aws_apigatewayv2_stage.live.route_settings : settings.throttling_rate_limit > 0 && settings.throttling_burst_limit > 0
    ])
    error_message = "A route has no throttle."
  }
  assert {
    condition = {
      for settings in aws_apigatewayv2_stage.live.route_settings : settings.route_key => settings.throttling_rate_limit
      if contains(["POST /api/v1/uploads", "DELETE /api/v1/uploads/{id}", "POST /photos/{id}/reports", "POST /api/v1/moderation/decisions", "PATCH /api/v1/uploads/{id}", "GET /api/v1/photos", "ANY /api/v1/photos", "$default"], settings.route_key)
      } == {
      "POST /api/v1/uploads"              = 70
      "DELETE /api/v1/uploads/{id}"       = 300
      "POST /photos/{id}/reports"         = 300
      "POST /api/v1/moderation/decisions" = 300
      "PATCH /api/v1/uploads/{id}"        = 100
      "GET /api/v1/photos"                = 500
      "ANY /api/v1/photos"                = 10
      "$default"                          = 500
    }
    error_message = "A route is not throttled by what it does: a flood of registrations could keep somebody from withdrawing a photo."
  }
  # Who follows links asks for heads only.
  assert {
    condition = alltrue([
      for name, function in local.http : alltrue([
        for route in function.routes : route == "$default" ? true : try(local.routes["ANY ${split(" ", route)[1]}"] == name && contains(keys(aws_apigatewayv2_route.routes), "ANY ${split(" ", route)[1]}"), false)
      ])
    ])
    error_message = "A path's function is not asked for heads, and link checkers find nothing there."
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.scheduled) == sum([for function in local.functions : length(try(function.schedule, []))])
    error_message = "A task of the schedule is not made."
  }

  # The edge keeps nothing of one person.
  assert {
    condition = alltrue([
      for index, behaviour in local.behaviours :
      aws_cloudfront_distribution.site.ordered_cache_behavior[index].cache_policy_id == local.managed.caching_disabled if behaviour.private
    ])
    error_message = "A private path is kept by the edge."
  }
  # Or everybody behind one edge is one reporter.
  assert {
    condition = alltrue([
      for index, behaviour in local.behaviours :
      length(aws_cloudfront_distribution.site.ordered_cache_behavior[index].function_association) == 1 if behaviour.private && behaviour.origin == "api"
    ]) && strcontains(aws_cloudfront_function.viewer_address[0].code, "x-viewer-address")
    error_message = "A function is not told the viewer's address, or is told it by the viewer."
  }
  assert {
    condition = alltrue([
      for path in ["/api/v1/uploads", "/api/v1/uploads/*", "/api/v1/session", "/api/v1/moderation/*", "/moderation/*", "/api/v1/organiser/*", "/organiser", "/organiser/*"] :
      contains([for behaviour in local.behaviours : behaviour.path if behaviour.private], path)
    ])
    error_message = "A private path takes the way of public pages."
  }
  # Whatever writes must be among the private paths, or the edge refuses it.
  assert {
    condition = alltrue([
      for route, class in local.classes : anytrue([
        for behaviour in aws_cloudfront_distribution.site.ordered_cache_behavior :
        contains(behaviour.allowed_methods, split(" ", route)[0]) && can(regex("^${replace(behaviour.path_pattern, "*", ".*")}$", split(" ", route)[1]))
      ]) if !contains(["read", "other"], class)
    ])
    error_message = "A route that writes cannot be reached through the edge."
  }
  assert {
    condition     = one(aws_cloudfront_distribution.site.default_cache_behavior).viewer_protocol_policy == "redirect-to-https"
    error_message = "The site answers unencrypted."
  }
  assert {
    condition     = one(one(aws_cloudfront_response_headers_policy.answers[0].security_headers_config).strict_transport_security).access_control_max_age_sec >= 31536000
    error_message = "Browsers are not told to stay with encryption for a year."
  }

  # Functions answer nobody but the edge.
  assert {
    condition = alltrue([
      for origin in aws_cloudfront_distribution.site.origin :
      [for header in origin.custom_header : "${header.name}: ${header.value}"] == ["x-origin-secret: ${var.edge_secrets[0]}"] if contains(["pages", "api"], origin.origin_id)
      ]) && alltrue([
      for origin in aws_cloudfront_distribution.site.origin : length(origin.custom_header) == 0 if !contains(["pages", "api"], origin.origin_id)
    ])
    error_message = "The edge does not tell functions that it is the edge, or tells somebody else."
  }
  assert {
    condition = alltrue([
      for name in keys(local.http) : one(aws_lambda_function.functions[name].environment).variables.EDGE_SECRETS == join(",", var.edge_secrets)
    ])
    error_message = "A function does not know the edge."
  }
  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
  assert {
    condition = alltrue(flatten([
      for origin in aws_cloudfront_distribution.site.origin : [for header in origin.custom_header : !can(regex("^x-(edge|amz)-", lower(header.name)))]
    ]))
    error_message = "The edge adds no header of that name."
  }
  assert {
    condition     = !strcontains(aws_apigatewayv2_stage.live.access_log_settings[0].format, "header")
    error_message = "The API's log has headers, and the edge's secret is one of them."
  }

  # Who answers everybody sees nothing that nobody has decided about.
  assert {
    condition = alltrue([
      for name in ["gallery", "site"] : alltrue([
        for statement in local.statements[name] : alltrue([
          for action in statement.actions :
          !startswith(action, "dynamodb:") || contains(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], action)
          ]) && alltrue([
          for arn in statement.resources : !startswith(arn, aws_s3_bucket.photos["review"].arn) || endswith(arn, "/index/*")
        ])
      ])
    ])
    error_message = "A function that answers everybody can read pictures that nobody has decided about, or change the table."
  }
  # People, sessions, passkeys, keys, secrets, and what people asked about their data.
  assert {
    condition = alltrue(flatten([
      for name in ["gallery", "renditions", "site", "uploads"] : [
        for statement in jsondecode(aws_iam_role_policy.functions[name].policy).Statement : [
          for private in ["CODE#", "CRED", "KEY", "LOG", "REQ", "SES", "WHO"] : !anytrue([
            for beginning in statement.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] :
            startswith(private, trimsuffix(beginning, "*")) || startswith(trimsuffix(beginning, "*"), private)
          ])
        ] if contains(statement.Resource, aws_dynamodb_table.photos.arn)
      ]
    ]))
    error_message = "A function that is not the console's can read or write who may sign in."
  }

  # What is signed reaches the storage as it was signed.
  assert {
    condition = alltrue([
      for room in ["originals", "review"] : alltrue([
        for origin in aws_cloudfront_distribution.site.origin :
        length(origin.custom_origin_config) == 0 && try(length(origin.origin_access_control_id), 0) == 0 if origin.origin_id == room
      ]) && contains([for origin in aws_cloudfront_distribution.site.origin : origin.origin_id], room)
    ])
    error_message = "The edge adds to signed requests what was not signed: their origins must be of S3's kind, without access control."
  }
  assert {
    condition = alltrue([
      for room in ["originals", "review"] : anytrue([
        for behaviour in aws_cloudfront_distribution.site.ordered_cache_behavior :
        behaviour.target_origin_id == room && length(behaviour.function_association) == 1 && behaviour.path_pattern == "/${local.buckets[room]}/*"
      ])
    ])
    error_message = "A signed address does not reach its bucket by the site's own host."
  }
  assert {
    condition     = aws_lambda_function.functions["site"].environment[0].variables.UPLOAD_ORIGIN == "https://${aws_s3_bucket.photos["originals"].bucket_regional_domain_name}"
    error_message = "Pages may not send photos to where addresses are signed for."
  }

  # Every origin answers by one edge where there is a shield.
  assert {
    condition = toset([
      for origin in aws_cloudfront_distribution.site.origin : origin.origin_id if anytrue([for shield in origin.origin_shield : shield.enabled])
    ]) == toset(["pages", "public"])
    error_message = "The shield is not where answers are shared, or it is paid for where they are not."
  }

  # Somebody is told.
  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.here), [aws_cloudwatch_metric_alarm.table], values(aws_cloudwatch_metric_alarm.edge)) :
      length(alarm.alarm_actions) > 0
    ]) && contains(keys(aws_cloudwatch_metric_alarm.here), "dead-letters")
    error_message = "An alarm tells nobody."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.here["dead-letters"].threshold == 0
    error_message = "The first dead letter is not told of."
  }
  assert {
    condition = { for rule in one(aws_wafv2_web_acl.site).rule : rule.name => {
      limit   = one(one(rule.statement).rate_based_statement).limit
      seconds = one(one(rule.statement).rate_based_statement).evaluation_window_sec
      scoped  = length(one(one(rule.statement).rate_based_statement).scope_down_statement) == 1
      answer  = one(one(one(rule.action).block).custom_response).response_code
      } if rule.name != "offline" } == {
      registrations = { limit = 600, seconds = 60, scoped = true, answer = 429 }
      removals      = { limit = 240, seconds = 60, scoped = true, answer = 429 }
      changes       = { limit = 1200, seconds = 60, scoped = true, answer = 429 }
      reads         = { limit = 3000, seconds = 60, scoped = true, answer = 429 }
      flood         = { limit = 100000, seconds = 300, scoped = true, answer = 429 }
    }
    error_message = "The firewall does not stop a flood from one address, or stops more than that."
  }
  assert {
    condition     = [for path in ["/api/v1/uploads", "/api/v1/uploads/abc/renew", "/api/v1/uploads/abc", "/api/v1/photos/abc/reports", "/x/api/v1/uploads"] : length(regexall(local.edge.firewall.registers, path))] == [1, 1, 0, 0, 0]
    error_message = "The rule for registrations is about other requests, too, or not about all of them."
  }
  assert {
    condition     = [for path in ["/api/v1/uploads/abc", "/api/v1/photos/abc/reports", "/photos/abc/reports", "/api/v1/uploads", "/api/v1/uploads/abc/renew", "/api/v1/moderation/decisions"] : length(regexall(local.edge.firewall.removes, path))] == [1, 1, 1, 0, 0, 0]
    error_message = "The rule for removals is about other requests, too, or not about all of them."
  }
  assert {
    condition     = length(aws_sns_topic_subscription.alarms) == 1 && length(aws_budgets_budget.month) == 1
    error_message = "The organiser's address is not told of alarms and spend."
  }
  assert {
    condition = alltrue([
      for topics in [[aws_sns_topic_subscription.call, aws_cloudwatch_composite_alarm.call[0]], [aws_sns_topic_subscription.edge_call, aws_cloudwatch_composite_alarm.edge_call[0]]] :
      one(topics[0]).protocol == "sms" && contains(topics[1].alarm_actions, one(topics[0]).topic_arn)
    ])
    error_message = "Nobody is called when the day has stopped."
  }
  assert {
    condition = alltrue([
      for name in ["erasures-late", "failures", "functions-at-once", "sweeps-late", "table-throttles", "waiting"] : strcontains(aws_cloudwatch_composite_alarm.call[0].alarm_rule, "ALARM(\"sample-${name}\")")
    ]) && alltrue([for alarm in aws_cloudwatch_metric_alarm.edge : strcontains(aws_cloudwatch_composite_alarm.edge_call[0].alarm_rule, alarm.alarm_name)])
    error_message = "What stops the day calls nobody: call-somebody does not name it."
  }

  # The site takes itself offline.
  # Or all topics would be one.
  override_resource {
    target          = aws_sns_topic.offline
    override_during = plan
    values          = { arn = "arn:aws:sns:us-east-1:123456789012:sample-offline" }
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.edge["egress-offline"].threshold == 200000000000
      && contains(aws_cloudwatch_metric_alarm.edge["egress-offline"].alarm_actions, aws_sns_topic.offline[0].arn)
      && alltrue([for name, alarm in aws_cloudwatch_metric_alarm.edge : !contains(alarm.ok_actions, aws_sns_topic.offline[0].arn) && length(alarm.alarm_actions) == (name == "egress-offline" ? 2 : 1)])
    )
    error_message = "Nobody takes the site offline, or another alarm does too."
  }
  assert {
    condition = (
      one(values(aws_sns_topic_subscription.offline)).protocol == "lambda"
      && keys(aws_sns_topic_subscription.offline) == ["housekeeping"]
      && one(values(aws_lambda_permission.offline)).principal == "sns.amazonaws.com"
      && one(values(aws_lambda_permission.offline)).source_arn == aws_sns_topic.offline[0].arn
      && one(values(aws_lambda_permission.offline)).qualifier == "live"
    )
    error_message = "The alarm reaches no function, or somebody else may call it."
  }
  assert {
    condition = {
      for rule in one(aws_wafv2_web_acl.site).rule : rule.name => [
        rule.priority, one(one(one(rule.action).block).custom_response).response_code, length(one(one(rule.statement).or_statement).statement)
      ] if rule.name == "offline"
    } == { offline = [0, 503, 2] }
    error_message = "The firewall does not turn everybody away before all else, or only those with one version of addresses."
  }
  assert {
    condition     = { for list in aws_wafv2_ip_set.offline : list.ip_address_version => length(list.addresses) } == { IPV4 = 0, IPV6 = 0 }
    error_message = "A new site turns somebody away."
  }
  # Nothing else of the edge may be changed by a function.
  assert {
    condition = {
      for name, statements in local.statements : name => flatten([for statement in statements : statement.actions if statement.kind == "offline"])
      if length([for statement in statements : statement if anytrue([for action in statement.actions : startswith(action, "wafv2:")])]) > 0
    } == { housekeeping = ["wafv2:GetIPSet", "wafv2:UpdateIPSet"] }
    error_message = "A function may change more of the firewall than its two lists, or cannot change those."
  }

  # Alarms can ring.
  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.here), values(aws_cloudwatch_metric_alarm.edge)) :
      join(" ", keys(coalesce(alarm.dimensions, {}))) == join(" ", jsondecode(file("metrics.json"))["${alarm.namespace == var.name ? "{name}" : alarm.namespace} ${alarm.metric_name}"].dimensions)
      if !contains(keys(local.told), alarm.metric_name)
    ])
    error_message = "An alarm is on a metric that nobody publishes: its dimensions are not those of metrics.json."
  }
  # This one is made of a line that a function logs for somebody to see.
  assert {
    condition = (
      toset(keys(local.told)) == toset(["reports-braked"])
      && aws_cloudwatch_metric_alarm.here["reports-braked"].namespace == var.name
      && aws_cloudwatch_metric_alarm.here["reports-braked"].metric_name == "reports-braked"
      && length(coalesce(aws_cloudwatch_metric_alarm.here["reports-braked"].dimensions, {})) == 0
      && one(aws_cloudwatch_log_metric_filter.told["reports-braked"].metric_transformation).name == "reports-braked"
      && one(aws_cloudwatch_log_metric_filter.told["reports-braked"].metric_transformation).namespace == var.name
      && one(aws_cloudwatch_log_metric_filter.told["reports-braked"].metric_transformation).value == "1"
      && aws_cloudwatch_log_metric_filter.told["reports-braked"].log_group_name == "/aws/lambda/${var.name}-console"
      && aws_cloudwatch_log_metric_filter.told["reports-braked"].pattern == "{ $.fields.alarm = \"reports-braked\" }"
      && aws_cloudwatch_metric_alarm.here["reports-braked"].threshold == 0
      && aws_cloudwatch_metric_alarm.here["reports-braked"].treat_missing_data == "notBreaching"
    )
    error_message = "Reports are braked, and nobody is told."
  }
  assert {
    condition = toset([
      for query in aws_cloudwatch_metric_alarm.table.metric_query : try(one(query.metric).dimensions.Operation, "") if length(query.metric) == 1
      ]) == toset(local.operations) && alltrue([
      for query in aws_cloudwatch_metric_alarm.table.metric_query : alltrue([
        for metric in query.metric :
        join(" ", keys(metric.dimensions)) == join(" ", jsondecode(file("metrics.json"))["${metric.namespace} ${metric.metric_name}"].dimensions)
      ])
    ])
    error_message = "Throttles of the table are on a metric that nobody publishes."
  }
  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.day.dashboard_body).widgets : [
        for metric in widget.properties.metrics :
        join(" ", [for at in range(2, length(metric), 2) : metric[at]]) == join(" ", jsondecode(file("metrics.json"))["${metric[0] == var.name ? "{name}" : metric[0]} ${metric[1]}"].dimensions)
      ]
    ]))
    error_message = "The dashboard shows a metric that nobody publishes."
  }
  # Functions publish their own figures under the name that they are told the table has.
  assert {
    condition = length([for alarm in aws_cloudwatch_metric_alarm.here : alarm.alarm_name if alarm.namespace == var.name]) == 4 + length(local.told) && alltrue([
      for name in ["housekeeping", "console", "renditions", "uploads"] : lookup(one(aws_lambda_function.functions[name].environment).variables, "TABLE", "") == var.name
    ])
    error_message = "An alarm on the figures of our own functions is under another name than they publish them."
  }
  # infra/cli/src/cloud/money.rs tells what so many cost.
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.here) + length(aws_cloudwatch_metric_alarm.edge) + length(local.operations) == 39 && length(aws_cloudwatch_composite_alarm.call) + length(aws_cloudwatch_composite_alarm.edge_call) == 2
    error_message = "There are more alarms than the forecast has a price for."
  }
  # Missing figures are the sign here.
  assert {
    condition = alltrue([
      for name in concat(["sweeps-late"], [for name, task in local.scheduled : "${name}-late" if task.every_s > 300]) :
      aws_cloudwatch_metric_alarm.here[name].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.here[name].comparison_operator == "LessThanThreshold"
    ])
    error_message = "A schedule that stands still tells nobody."
  }
  # One of the tasks of each minute is missed, and a single call that is late is not.
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.here["sweeps-late"].threshold > 5 * (length([for task in local.scheduled : task if task.every_s == 60]) - 1)
      && aws_cloudwatch_metric_alarm.here["sweeps-late"].threshold < 5 * length([for task in local.scheduled : task if task.every_s == 60])
    )
    error_message = "One task of each minute may stand still without anybody being told."
  }

  # The edge tells what it was asked but not by whom.
  assert {
    condition     = aws_cloudwatch_log_group.edge[0].retention_in_days == 14 && aws_cloudwatch_log_delivery_source.edge[0].log_type == "ACCESS_LOGS"
    error_message = "An attack on the edge leaves no trace, or one that is kept for too long."
  }
  assert {
    condition = length(setintersection(
      toset(aws_cloudwatch_log_delivery.edge[0].record_fields),
      toset(["c-ip", "c-port", "x-forwarded-for", "cs-uri-query", "cs(Cookie)", "cs(Referer)", "cs(User-Agent)"]),
    )) == 0 && length(aws_cloudwatch_log_delivery.edge[0].record_fields) > 0
    error_message = "The edge's log tells who asked, or a query, which may hold a signature."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_cloudwatch_log_resource_policy.edge[0].policy_document).Statement :
      statement.Principal.Service == "delivery.logs.amazonaws.com" && statement.Resource == "${aws_cloudwatch_log_group.edge[0].arn}:log-stream:*"
    ])
    error_message = "The edge's log may not be written, or may be written by somebody else."
  }

  # A new account leaves functions for people.

  override_data {
    target          = data.aws_servicequotas_service_quota.functions_at_once
    override_during = plan
    values          = { value = 10 }
  }
  assert {
    condition     = alltrue([for mapping in aws_lambda_event_source_mapping.queued : one(mapping.scaling_config).maximum_concurrency == 2])
    error_message = "Renditions may take all functions of a new account."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.here["functions-at-once"].threshold == 7
    error_message = "Nobody is told before a new account's functions are all taken."
  }
}

run "a_machine_that_has_built_nothing_can_plan" {
  command = plan
  variables { zips = "../../nowhere" }
  assert {
    condition     = length(aws_lambda_function.functions) == length(local.functions)
    error_message = "The site cannot be destroyed from a machine that did not deploy it."
  }
}

run "regions_without_a_shield_deploy_too" {
  command = plan
  variables { region = "eu-south-1" }
  assert {
    condition     = alltrue([for origin in aws_cloudfront_distribution.site.origin : length(origin.origin_shield) == 0])
    error_message = "An origin has a shield in a region that has none."
  }
}

run "a_site_without_that_setting_never_takes_itself_offline" {
  command = plan
  variables {
    egress_offline_gb_per_hour = 0
  }
  assert {
    condition = (
      length(aws_sns_topic.offline) == 0 && length(aws_sns_topic_subscription.offline) == 0 && length(aws_lambda_permission.offline) == 0
      && !contains(keys(aws_cloudwatch_metric_alarm.edge), "egress-offline")
      && alltrue(flatten([for statements in values(local.statements) : [for statement in statements : statement.kind != "offline"]]))
      && length(aws_wafv2_ip_set.offline) == 2
    )
    error_message = "Nobody asked for it. (By hand it works all the same.)"
  }
}

run "nobody_is_turned_away_without_a_firewall" {
  command = plan
  variables {
    firewall                   = false
    egress_offline_gb_per_hour = 200
  }
  expect_failures = [var.egress_offline_gb_per_hour]
}

run "without_options" {
  command = plan
  variables {
    architecture = "x86_64"
    alarm_email  = ""
    alarm_phone  = ""
    firewall     = false
    tracing      = false

    egress_offline_gb_per_hour = 0

    domain = { name = "photos.example.org", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000" }
  }
  assert {
    condition     = length(aws_wafv2_web_acl.site) == 0 && length(aws_wafv2_ip_set.offline) == 0 && length(aws_sns_topic_subscription.alarms) == 0 && length(aws_sns_topic.call) == 0 && length(aws_budgets_budget.month) == 0
    error_message = "Something optional is made although nobody asked for it."
  }
  assert {
    condition     = one(aws_lambda_function.functions["housekeeping"].environment).variables["OFFLINE_LISTS"] == "none"
    error_message = "A function does not start with a variable that is empty."
  }
  assert {
    condition = alltrue([for function in ["site", "console", "housekeeping"] :
      one(aws_lambda_function.functions[function].environment).variables["ORIGINAL_DAYS"] == tostring(one([
        for rule in aws_s3_bucket_lifecycle_configuration.photos["originals"].rule : rule if rule.id == "retention"
      ]).expiration[0].days)
    ])
    error_message = "A page or the audit would tell another day than the one on which the storage deletes originals."
  }
  assert {
    condition     = contains(aws_cloudfront_distribution.site.aliases, "photos.example.org") && output.site == "https://photos.example.org"
    error_message = "The site's own domain is not used."
  }
}
