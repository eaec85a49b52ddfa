# The functions: all that is particular to one is its row in infra/functions.json.

locals {
  # Where a function finds things. A variable that a row names and this list lacks stops the plan.
  environment = {
    TABLE                  = aws_dynamodb_table.photos.name
    ORIGINALS_BUCKET       = local.buckets["originals"]
    REVIEW_BUCKET          = local.buckets["review"]
    PUBLIC_BUCKET          = local.buckets["public"]
    REMOVALS_BUCKET        = local.buckets["removals"]
    EDGE_DISTRIBUTION      = aws_cloudfront_distribution.site.id
    ORIGINALS_QUEUE_URL    = aws_sqs_queue.originals.url
    ISOLATION_QUEUE_URL    = aws_sqs_queue.isolation.url
    DEAD_LETTERS_QUEUE_URL = aws_sqs_queue.dead_letters.url
    OFFLINE_LISTS          = var.firewall ? join(",", [for list in aws_wafv2_ip_set.offline : "${list.name}/${list.id}"]) : "none"
    SITE_ORIGIN            = local.site_origin
    UPLOAD_ORIGIN          = "https://${aws_s3_bucket.photos["originals"].bucket_regional_domain_name}"
    STYLEGUIDE             = "off"
    ORIGINAL_DAYS          = tostring(var.original_days)
    # Where drand's public beacon is read; any one of them is enough. https://docs.drand.love/dev-guide/developer/http-api
    BEACON_RELAYS = "https://api.drand.sh,https://api2.drand.sh,https://api3.drand.sh,https://drand.cloudflare.com"
    EDGE_SECRETS  = join(",", var.edge_secrets)
  }

  # What infra/actions.json calls a resource, as AWS names it. Which actions are on a bucket and which on its objects, S3 says.
  actions = jsondecode(file(var.actions_file))
  arns = merge(
    {
      table_indexes = { dynamodb = ["${aws_dynamodb_table.photos.arn}/index/*"] }
      queue         = { sqs = [aws_sqs_queue.originals.arn] }
      isolation     = { sqs = [aws_sqs_queue.isolation.arn] }
      dead_letters  = { sqs = [aws_sqs_queue.dead_letters.arn] }
      edge          = { cloudfront = [aws_cloudfront_distribution.site.arn] }
      # A part of its bucket: who searches must not reach the pictures beside it.
      index = { s3 = ["${aws_s3_bucket.photos["review"].arn}/index/*"] }
      # The files of prize draws, which nobody may delete, but for those of rehearsals: no edition of an organiser has such a name.
      draws      = { s3 = ["${aws_s3_bucket.photos["public"].arn}/draws/*"] }
      rehearsals = { s3 = ["${aws_s3_bucket.photos["public"].arn}/draws/trial-*"] }
    },
    {
      for room, bucket in aws_s3_bucket.photos : room => {
        bucket = [bucket.arn]
        s3     = [room == "public" ? "${bucket.arn}/m/*" : "${bucket.arn}/*"]
      }
    }
  )
  statements = {
    for name, function in local.functions : name => concat(
      flatten([
        for resource, verbs in function.grants : [
          for kind, arns in try(local.arns[resource], {}) : {
            # A statement's id takes letters and digits only.
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
            kind = "${replace(resource, "_", "")}${kind == "bucket" ? "Listing" : ""}"
            actions = sort(distinct([
              for action in flatten([for verb in verbs : local.actions[resource][verb]]) : action
              if(action == "s3:ListBucket" ? "bucket" : split(":", action)[0]) == kind
            ]))
            resources = arns
          }
        ]
      ]),
      # The table, by verb: which partitions a function may use depends on it.
      [
        for verb in function.grants.table : {
          kind       = "table${verb}"
          actions    = local.actions.table[verb]
          resources  = [aws_dynamodb_table.photos.arn]
          partitions = [for beginning in try(function.partitions[verb], []) : "${beginning}*"]
        }
      ],
      [{
        kind      = "logs"
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["${aws_cloudwatch_log_group.functions[name].arn}:*"]
      }],
      function.trigger == "queue" ? [{
        kind      = "events"
        actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        resources = [aws_sqs_queue.originals.arn, aws_sqs_queue.isolation.arn]
      }] : [],
      function.trigger == "schedule" && local.goes_offline ? [{
        kind      = "offline"
        actions   = ["wafv2:GetIPSet", "wafv2:UpdateIPSet"]
        resources = [for list in aws_wafv2_ip_set.offline : list.arn]
      }] : [],
      # X-Ray knows no resources.
      var.tracing ? [{ kind = "tracing", actions = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources = ["*"] }] : [],
    )
  }
}

# Functions that the account may run at once: few in a new one. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
data "aws_servicequotas_service_quota" "functions_at_once" {
  count        = var.emulated ? 0 : 1
  service_code = "lambda"
  quota_code   = "L-B99A9384"
}

locals {
  functions_at_once = coalesce(one(data.aws_servicequotas_service_quota.functions_at_once[*].value), 1000)
  # Renditions leave half of what is left beside a call of each function, so that a flood of photos does not keep people out.
  renditions_at_once = min(var.renditions_at_once, max(2, floor((local.functions_at_once - length(local.functions)) / 2)))
}

locals {
  environments = {
    for row, function in local.functions : row => { for name in function.environment : name => local.environment[name] }
  }
  # What is live together has one name, made of all that a version keeps: so a change of one function publishes each of them anew, and
  # nothing changed is no release.
  release = substr(nonsensitive(sha256(jsonencode({
    for name, function in local.functions : name => {
      package      = try(filesha256("${var.zips}/${name}.zip"), null)
      environment  = local.environments[name]
      architecture = var.architecture
      memory_mb    = function.memory_mb
      timeout_s    = function.timeout_s
      tracing      = var.tracing
    }
  }))), 0, 12)
}

resource "aws_cloudwatch_log_group" "functions" {
  for_each          = local.functions
  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = 14
}

resource "aws_iam_role" "functions" {
  for_each = local.functions
  name     = "${var.name}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "functions" {
  for_each = local.functions
  name     = "grants"
  role     = aws_iam_role.functions[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for statement in local.statements[each.key] : merge(
        {
          Sid      = statement.kind
          Effect   = "Allow"
          Action   = statement.actions
          Resource = statement.resources
        },
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        {
          for name, condition in { Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = try(statement.partitions, []) } } } :
          name => condition if length(try(statement.partitions, [])) > 0
        }
      ) if length(statement.actions) > 0
    ]
  })
}

resource "aws_lambda_function" "functions" {
  for_each         = local.functions
  function_name    = "${var.name}-${each.key}"
  description      = "release ${local.release}" # a version keeps it: `techognition rollback` knows by it what belongs together
  role             = aws_iam_role.functions[each.key].arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = "${var.zips}/${each.key}.zip"
  source_code_hash = try(filebase64sha256("${var.zips}/${each.key}.zip"), null) # a machine that only destroys has built nothing
  memory_size      = each.value.memory_mb
  timeout          = each.value.timeout_s
  publish          = true

  environment {
    variables = merge(local.environments[each.key], { RELEASE = local.release })
  }
  tracing_config { mode = var.tracing ? "Active" : "PassThrough" }

  # A function that is called before it may do anything fails.
  depends_on = [aws_iam_role_policy.functions]
}

# What is called. `techognition rollback` moves it, and says in its description what was live before.
resource "aws_lambda_alias" "live" {
  for_each         = aws_lambda_function.functions
  name             = "live"
  function_name    = each.value.function_name
  function_version = each.value.version

  lifecycle { ignore_changes = [description] }
}

# Events: a batch in which one photo fails brings back that photo only.
resource "aws_lambda_event_source_mapping" "queued" {
  for_each                = local.queued
  event_source_arn        = aws_sqs_queue.originals.arn
  function_name           = aws_lambda_alias.live[each.key].arn
  batch_size              = each.value.batch
  function_response_types = ["ReportBatchItemFailures"]
  scaling_config { maximum_concurrency = local.renditions_at_once }
}

# One at a time as far as the service goes (it has no limit below two), so that a file that kills its worker takes no other with it.
resource "aws_lambda_event_source_mapping" "isolated" {
  for_each                = { for name, function in local.queued : name => function if can(function.isolation) }
  event_source_arn        = aws_sqs_queue.isolation.arn
  function_name           = aws_lambda_alias.live[each.key].arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]
  scaling_config { maximum_concurrency = 2 }
}

# Time.
resource "aws_cloudwatch_event_rule" "scheduled" {
  for_each            = local.scheduled
  name                = "${var.name}-${each.key}"
  schedule_expression = each.value.every_s == 60 ? "rate(1 minute)" : "rate(${each.value.every_s / 60} minutes)"
}

resource "aws_cloudwatch_event_target" "scheduled" {
  for_each  = local.scheduled
  rule      = aws_cloudwatch_event_rule.scheduled[each.key].name
  target_id = each.key
  arn       = aws_lambda_alias.live[each.value.function].arn
  input     = jsonencode({ task = each.value.task })
}

# What could not run in its minute is not made up for: the next one looks at the same rows. Otherwise an hour without free functions
# would be followed by all its sweeps at once.
resource "aws_lambda_function_event_invoke_config" "scheduled" {
  for_each                     = toset([for task in local.scheduled : task.function])
  function_name                = aws_lambda_function.functions[each.key].function_name
  qualifier                    = aws_lambda_alias.live[each.key].name
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0
}

resource "aws_lambda_permission" "scheduled" {
  for_each      = local.scheduled
  statement_id  = each.key
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.functions[each.value.function].function_name
  qualifier     = aws_lambda_alias.live[each.value.function].name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.scheduled[each.key].arn
}
