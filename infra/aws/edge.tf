# The edge: what everybody reads comes from a cache; what belongs to one person never enters it.

locals {
  site_host   = var.domain == null ? aws_cloudfront_distribution.site.domain_name : var.domain.name
  site_origin = "https://${local.site_host}"

  # AWS's own policies, by their published ids: they stand in where an emulated AWS cannot make ours.
  managed = {
    caching_disabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    caching_optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    all_but_host      = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    security_headers  = "67f7725c-6f97-4210-82d7-5512b31e9d03"
  }
  policies = {
    storage  = var.emulated ? local.managed.all_but_host : aws_cloudfront_origin_request_policy.storage[0].id
    answers  = var.emulated ? local.managed.security_headers : aws_cloudfront_response_headers_policy.answers[0].id
    pictures = var.emulated ? local.managed.security_headers : aws_cloudfront_response_headers_policy.pictures[0].id
  }

  # Origin Shield is not in every region; elsewhere each edge asks for itself.
  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-shield.html
  shields = contains([
    "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2",
    "sa-east-1", "us-east-1", "us-east-2", "us-west-2",
  ], var.region) ? [var.region] : []

  # In the file's order, the first that fits. What is not listed is a page that everybody sees alike.
  edge = jsondecode(file(var.edge_file))
  # What the edge keeps, by the queries that make another address.
  caches = {
    for name in keys(local.edge.queries) :
    name => var.emulated ? local.managed.caching_optimized : aws_cloudfront_cache_policy.answers[name].id
  }
  behaviours = [for behaviour in local.edge.behaviours : {
    # A path that begins with a bucket's name goes to that bucket: the signature in its query is the permission.
    path = replace(replace(behaviour.path, "{originals}", local.buckets.originals), "{review}", local.buckets.review)
    origin = (
      behaviour.origin == "storage" ? regex("^/\\{(\\w+)\\}/", behaviour.path)[0] :
      behaviour.origin == "api" && behaviour.for == "all" ? "pages" : behaviour.origin
    )
    signed  = behaviour.origin == "storage"
    private = behaviour.for == "one"
    writes  = behaviour.writes
    cache = (
      behaviour.for == "one" ? local.managed.caching_disabled :
      behaviour.origin == "public" ? local.managed.caching_optimized : local.caches[try(behaviour.queries, "pages")]
    )
    forward = (
      behaviour.for == "all" ? null :
      behaviour.origin == "storage" ? local.policies.storage : local.managed.all_but_host
    )
    headers = behaviour.origin == "api" ? local.policies.answers : local.policies.pictures
  }]
}

resource "aws_cloudfront_origin_access_control" "public" {
  name                              = "${var.name}-public"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# The function says how long each answer may be kept; its address is the path and these queries, and nothing else. A policy takes
# ten queries, so that each group of paths has its own; a photo's own addresses have none, so that naming the path is enough to have it
# forgotten.
resource "aws_cloudfront_cache_policy" "answers" {
  for_each    = var.emulated ? {} : local.edge.queries
  name        = "${var.name}-${each.key}"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 31536000
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true
    cookies_config { cookie_behavior = "none" }
    headers_config { header_behavior = "none" }
    query_strings_config {
      query_string_behavior = length(each.value) > 0 ? "whitelist" : "none"
      dynamic "query_strings" {
        for_each = length(each.value) > 0 ? [each.value] : []
        content { items = query_strings.value }
      }
    }
  }
}

# To the storage: what was signed, but no cookie.
resource "aws_cloudfront_origin_request_policy" "storage" {
  count = var.emulated ? 0 : 1
  name  = "${var.name}-storage"
  cookies_config { cookie_behavior = "none" }
  headers_config {
    header_behavior = "allExcept"
    headers { items = ["host"] }
  }
  query_strings_config { query_string_behavior = "all" }
}

# The functions say what a page may do; the edge adds what is true of the whole host.
resource "aws_cloudfront_response_headers_policy" "answers" {
  count = var.emulated ? 0 : 1
  name  = "${var.name}-answers"
  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      override                   = false
    }
    content_type_options { override = true }
  }
}

# Bytes that somebody uploaded are never more than a picture.
resource "aws_cloudfront_response_headers_policy" "pictures" {
  count = var.emulated ? 0 : 1
  name  = "${var.name}-pictures"
  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      override                   = false
    }
    content_type_options { override = true }
    content_security_policy {
      content_security_policy = "default-src 'none'; sandbox"
      override                = true
    }
  }
  custom_headers_config {
    items {
      header   = "Cross-Origin-Resource-Policy"
      value    = "cross-origin"
      override = true
    }
  }
}

# A signed address names its bucket in the host; by the site's own host it comes as the path's first part, which was not signed.
resource "aws_cloudfront_function" "signed" {
  count   = var.emulated ? 0 : 1
  name    = "${var.name}-signed"
  runtime = "cloudfront-js-2.0"
  comment = "Takes the bucket's name out of the path"
  code    = <<-JS
    function handler(event) {
      event.request.uri = event.request.uri.replace(/^\/[^/]+/, "");
      return event.request;
    }
  JS
}

# Tells the functions who asks. CloudFront's own header for that cannot reach them: an origin request policy adds it only where it passes on
# the viewer's Host too, which API Gateway refuses, or where it lists every header, which may not list Authorization.
resource "aws_cloudfront_function" "viewer_address" {
  count   = var.emulated ? 0 : 1
  name    = "${var.name}-viewer-address"
  comment = "Tells the functions the viewer's address"
  runtime = "cloudfront-js-2.0"
  code    = file("${path.module}/viewer-address.js")
  publish = true
}

resource "aws_cloudfront_distribution" "site" {
  enabled         = true
  comment         = var.name
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_100"
  aliases         = var.domain == null ? [] : [var.domain.name]
  web_acl_id      = var.firewall ? aws_wafv2_web_acl.site[0].arn : null

  # What everybody is answered alike, and what one person is: the same functions. Of many edges that miss at once, one asks; for one
  # person there is nothing to share, and the shield would be paid for each request.
  dynamic "origin" {
    for_each = { pages = local.shields, api = [] }
    content {
      origin_id   = origin.key
      domain_name = trimprefix(aws_apigatewayv2_api.site.api_endpoint, "https://")
      custom_origin_config {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
      }
      # Anybody can find the API's own address. Functions answer nobody but who sends this; the edge writes it over what a viewer sends.
      dynamic "custom_header" {
        for_each = slice(nonsensitive(var.edge_secrets), 0, min(1, length(nonsensitive(var.edge_secrets))))
        content {
          name  = "x-origin-secret"
          value = sensitive(custom_header.value)
        }
      }
      dynamic "origin_shield" {
        for_each = origin.value
        content {
          enabled              = true
          origin_shield_region = origin_shield.value
        }
      }
    }
  }
  origin {
    origin_id                = "public"
    domain_name              = aws_s3_bucket.photos["public"].bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.public.id
    dynamic "origin_shield" {
      for_each = local.shields
      content {
        enabled              = true
        origin_shield_region = origin_shield.value
      }
    }
  }
  # To an origin of another kind than S3's the edge adds a header, x-amz-cf-id, which S3 refuses since no signature has it. No access
  # control, which would put the edge's own signature in place of the sender's.
  dynamic "origin" {
    for_each = toset(["originals", "review"])
    content {
      origin_id   = origin.key
      domain_name = aws_s3_bucket.photos[origin.key].bucket_regional_domain_name
    }
  }

  default_cache_behavior {
    target_origin_id           = "pages"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.caches["pages"]
    response_headers_policy_id = local.policies.answers
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.behaviours
    iterator = behaviour
    content {
      path_pattern               = behaviour.value.path
      target_origin_id           = behaviour.value.origin
      viewer_protocol_policy     = behaviour.value.private ? "https-only" : "redirect-to-https"
      allowed_methods            = behaviour.value.writes ? ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"] : ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = behaviour.value.origin == "pages"
      cache_policy_id            = behaviour.value.cache
      origin_request_policy_id   = behaviour.value.forward
      response_headers_policy_id = behaviour.value.headers

      dynamic "function_association" {
        for_each = (
          behaviour.value.signed ? aws_cloudfront_function.signed[*].arn :
          behaviour.value.private && behaviour.value.origin == "api" ? aws_cloudfront_function.viewer_address[*].arn : []
        )
        content {
          event_type   = "viewer-request"
          function_arn = function_association.value
        }
      }
    }
  }

  # An error is asked about again at once: it may be over.
  dynamic "custom_error_response" {
    for_each = [500, 502, 503, 504]
    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 1
    }
  }
  restrictions {
    geo_restriction { restriction_type = "none" }
  }
  viewer_certificate {
    cloudfront_default_certificate = var.domain == null
    acm_certificate_arn            = try(var.domain.certificate_arn, null)
    ssl_support_method             = var.domain == null ? null : "sni-only"
    minimum_protocol_version       = var.domain == null ? null : "TLSv1.2_2021"
  }
}

locals {
  # A whole school shares one address, so that only what no school would do is stopped. Registering photos has a rule of its own: who floods
  # with that must not keep those behind the same address from withdrawing, reporting and deciding. So has removing: a handful of addresses
  # would use up what its routes take from everybody. Decisions count as changes, since all moderators may sit in one room. Files that are
  # sent through the edge count for the last rule alone: a whole batch of them is one registration. That rule is there for the bill.
  firewall_rules = {
    # The paths: infra/edge.json, which the laptop reads, too.
    registrations = { priority = 1, limit = var.address_per_minute.register, seconds = 60, methods = "^POST$", paths = local.edge.firewall.registers, but = false }
    removals      = { priority = 2, limit = var.address_per_minute.remove, seconds = 60, methods = "^(POST|PATCH|DELETE)$", paths = local.edge.firewall.removes, but = false }
    changes       = { priority = 3, limit = var.address_per_minute.change, seconds = 60, methods = "^(POST|PATCH|DELETE)$", paths = "${local.edge.firewall.registers}|${local.edge.firewall.removes}", but = true }
    reads         = { priority = 4, limit = var.address_per_minute.read, seconds = 60, methods = "^(GET|HEAD|OPTIONS)$", paths = local.edge.firewall.files, but = true }
    flood         = { priority = 5, limit = 100000, seconds = 300, methods = "^.", paths = "^/", but = false }
  }
}

# Whom the firewall turns away whatever they ask: nobody, or everybody while the site is offline (`techognition offline`). A list is of one
# version of addresses. A deployment leaves them as they are.
resource "aws_wafv2_ip_set" "offline" {
  for_each           = var.firewall ? toset(["IPV4", "IPV6"]) : []
  provider           = aws.global
  name               = "${var.name}-offline-${lower(each.key)}"
  scope              = "CLOUDFRONT"
  ip_address_version = each.key
  addresses          = []

  lifecycle { ignore_changes = [addresses] }
}

# A rule looks at its last seconds about every ten, and its answer says when to come again.
resource "aws_wafv2_web_acl" "site" {
  count    = var.firewall ? 1 : 0
  provider = aws.global
  name     = var.name
  scope    = "CLOUDFRONT"
  default_action {
    allow {}
  }
  custom_response_body {
    key          = "too-many"
    content_type = "APPLICATION_JSON"
    content      = jsonencode({ message = "Too Many Requests" })
  }
  custom_response_body {
    key          = "offline"
    content_type = "TEXT_PLAIN"
    content      = "This site is offline for now. Please come back later.\nMae'r wefan hon all-lein ar hyn o bryd. Dewch yn ôl yn nes ymlaen."
  }
  rule {
    name     = "offline"
    priority = 0
    action {
      block {
        custom_response {
          response_code            = 503
          custom_response_body_key = "offline"
          response_header {
            name  = "Retry-After"
            value = "600"
          }
        }
      }
    }
    statement {
      or_statement {
        dynamic "statement" {
          for_each = aws_wafv2_ip_set.offline
          content {
            ip_set_reference_statement { arn = statement.value.arn }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-offline"
      sampled_requests_enabled   = false
    }
  }
  dynamic "rule" {
    for_each = local.firewall_rules
    content {
      name     = rule.key
      priority = rule.value.priority
      action {
        block {
          custom_response {
            response_code            = 429
            custom_response_body_key = "too-many"
            response_header {
              name  = "Retry-After"
              value = "60"
            }
          }
        }
      }
      statement {
        rate_based_statement {
          limit                 = rule.value.limit
          evaluation_window_sec = rule.value.seconds
          aggregate_key_type    = "IP"
          scope_down_statement {
            and_statement {
              statement {
                regex_match_statement {
                  regex_string = rule.value.methods
                  field_to_match {
                    method {}
                  }
                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }
              dynamic "statement" {
                for_each = rule.value.but ? [] : [rule.value.paths]
                content {
                  regex_match_statement {
                    regex_string = statement.value
                    field_to_match {
                      uri_path {}
                    }
                    text_transformation {
                      priority = 0
                      type     = "NONE"
                    }
                  }
                }
              }
              dynamic "statement" {
                for_each = rule.value.but ? [rule.value.paths] : []
                content {
                  not_statement {
                    statement {
                      regex_match_statement {
                        regex_string = statement.value
                        field_to_match {
                          uri_path {}
                        }
                        text_transformation {
                          priority = 0
                          type     = "NONE"
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = false
      }
    }
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }
}
