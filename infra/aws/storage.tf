# Where photos are: three private buckets, one table, and the queues of their events; a fourth bucket keeps what is left of removals.
# Nothing here is ever deleted by a plan.

locals {
  buckets = { for room in ["originals", "review", "public", "removals"] : room => "${var.name}-${local.account}-${room}" }
}

resource "aws_s3_bucket" "photos" {
  for_each = local.buckets
  bucket   = each.value

  lifecycle { prevent_destroy = true }
}

resource "aws_s3_bucket_public_access_block" "photos" {
  for_each                = aws_s3_bucket.photos
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "photos" {
  for_each = aws_s3_bucket.photos
  bucket   = each.value.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "photos" {
  for_each = aws_s3_bucket.photos
  bucket   = each.value.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}

# Decision: no versioning. Who withdraws a photo is promised that its bytes are gone within a day, and an older version would stay
# behind. What protects an original instead: nothing may replace it (WriteOnce below), and no plan may delete its bucket.
resource "aws_s3_bucket_lifecycle_configuration" "photos" {
  for_each = aws_s3_bucket.photos
  bucket   = each.value.id

  rule {
    id     = "unfinished"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload { days_after_initiation = 1 }
  }
  dynamic "rule" {
    for_each = each.key == "originals" ? [1] : []
    content {
      id     = "retention"
      status = "Enabled"
      filter {}
      expiration { days = var.original_days }
    }
  }
}

# Browsers of the site put photos, and nobody else does anything from a page.
resource "aws_s3_bucket_cors_configuration" "originals" {
  bucket = aws_s3_bucket.photos["originals"].id
  cors_rule {
    allowed_methods = ["PUT"]
    allowed_origins = [local.site_origin]
    allowed_headers = ["content-type", "if-none-match", "x-amz-checksum-sha256"]
    max_age_seconds = 3600
  }
}

data "aws_iam_policy_document" "photos" {
  for_each = aws_s3_bucket.photos

  statement {
    sid       = "EncryptedConnectionsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # A presigned address that was made for longer than ten minutes is nobody's of ours.
  dynamic "statement" {
    for_each = each.key == "public" ? [] : [1]
    content {
      sid       = "ShortSignaturesOnly"
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = ["${each.value.arn}/*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "NumericGreaterThan"
        variable = "s3:signatureAge"
        values   = ["600000"]
      }
    }
  }

  # An original and a removal are written once: a request that would replace one is refused, whoever signed it.
  dynamic "statement" {
    for_each = contains(["originals", "removals"], each.key) ? [1] : []
    content {
      sid       = "WriteOnce"
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${each.value.arn}/*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "Null"
        variable = "s3:if-none-match"
        values   = ["true"]
      }
    }
  }
}

# Of the policies only this one names the edge: the others stay when the edge is taken away, as the photos do.
data "aws_iam_policy_document" "published" {
  source_policy_documents = [data.aws_iam_policy_document.photos["public"].json]

  # The edge, and only our own, reads what is published.
  statement {
    sid       = "EdgeReads"
    actions   = ["s3:GetObject"]
    resources = [for folder in ["m", "draws"] : "${aws_s3_bucket.photos["public"].arn}/${folder}/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.site.arn]
    }
  }

  # A file of a prize draw is written once: a request that would replace one is refused, whoever signed it.
  statement {
    sid       = "DrawsWriteOnce"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.photos["public"].arn}/draws/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["true"]
    }
  }

  # Without it S3 says of what is gone that it is forbidden. No path of the edge lists a bucket.
  statement {
    sid       = "EdgeSeesWhatIsGone"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.photos["public"].arn]
    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.site.arn]
    }
  }
}

resource "aws_s3_bucket_policy" "photos" {
  for_each   = { for room, bucket in aws_s3_bucket.photos : room => bucket if room != "public" }
  bucket     = each.value.id
  policy     = data.aws_iam_policy_document.photos[each.key].json
  depends_on = [aws_s3_bucket_public_access_block.photos]
}

resource "aws_s3_bucket_policy" "published" {
  bucket     = aws_s3_bucket.photos["public"].id
  policy     = data.aws_iam_policy_document.published.json
  depends_on = [aws_s3_bucket_public_access_block.photos]
}

resource "aws_dynamodb_table" "photos" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "PK"
  range_key                   = "SK"
  deletion_protection_enabled = true

  dynamic "attribute" {
    for_each = ["PK", "SK", "G1PK", "G1SK", "G2PK", "G2SK"]
    content {
      name = attribute.value
      type = "S"
    }
  }
  dynamic "global_secondary_index" {
    for_each = ["G1", "G2"]
    content {
      name            = "${global_secondary_index.value}-index"
      hash_key        = "${global_secondary_index.value}PK"
      range_key       = "${global_secondary_index.value}SK"
      projection_type = "KEYS_ONLY"
    }
  }
  point_in_time_recovery { enabled = true }
  server_side_encryption { enabled = true }
  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  lifecycle { prevent_destroy = true }
}

# Photos that arrived, each until its renditions are made.
resource "aws_sqs_queue" "originals" {
  name                       = "${var.name}-originals"
  visibility_timeout_seconds = 6 * max([for function in local.queued : function.timeout_s]...)
  message_retention_seconds  = 4 * 24 * 3600
  sqs_managed_sse_enabled    = true
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters.arn, maxReceiveCount = 5 })
  policy                     = data.aws_iam_policy_document.originals_queue.json
}

# Photos that have killed their worker three times: tried once more, each alone.
resource "aws_sqs_queue" "isolation" {
  name                       = "${var.name}-isolation"
  visibility_timeout_seconds = 6 * max([for function in local.queued : function.timeout_s]...)
  message_retention_seconds  = 4 * 24 * 3600
  sqs_managed_sse_enabled    = true
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters.arn, maxReceiveCount = 5 })
}

# Photos that failed five times by a fault of ours. An alarm tells of the first one.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "originals_queue" {
  statement {
    sid       = "EventsOfOriginals"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:${var.region}:${local.account}:${var.name}-originals"]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.photos["originals"].arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_s3_bucket_notification" "originals" {
  bucket = aws_s3_bucket.photos["originals"].id
  queue {
    queue_arn = aws_sqs_queue.originals.arn
    events    = ["s3:ObjectCreated:*"]
  }
}
