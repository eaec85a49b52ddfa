# What this infrastructure is made with. Terraform 1.10 or OpenTofu 1.10 and newer: from there the state has a lock file of its own. The tests
# beside this need Terraform 1.11. It was planned, applied and tested with Terraform 1.11.4 alone; nobody has tried OpenTofu yet, and whoever
# does stays with it: the state names the provider by its registry, of which each program has its own.
#
# Decision: the last provider of version 5. Version 6 would give each resource a region of its own, which makes the second `provider` below
# unnecessary, and nothing else that is used here. It would migrate the state, which no deployment can take back.

terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0" # exact: the lock file would hold the packages of one kind of machine only
    }
  }
  # The bucket, key and region come from the command: they are the account's own.
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region            = var.region
  s3_use_path_style = var.emulated
  default_tags { tags = local.tags }
}

# The edge's certificate, firewall and numbers live in one region, wherever the site is.
provider "aws" {
  alias             = "global"
  region            = "us-east-1"
  s3_use_path_style = var.emulated
  default_tags { tags = local.tags }
}

data "aws_caller_identity" "current" {}

locals {
  tags    = { application = var.name }
  account = data.aws_caller_identity.current.account_id
  # What AWS takes at the most. It says no only in the middle of an apply, so tests/quotas.tftest.hcl holds the plan against each.
  quotas = { for key, quota in jsondecode(file("${path.module}/quotas.json")) : key => quota.value }

  functions = { for function in jsondecode(file(var.functions_file)).functions : function.name => function }
  http      = { for name, function in local.functions : name => function if function.trigger == "http" }
  queued    = { for name, function in local.functions : name => function if function.trigger == "queue" }
  scheduled = merge([
    for name, function in local.functions : {
      for task in function.schedule : "${name}-${task.task}" => merge(task, { function = name })
    } if function.trigger == "schedule"
  ]...)
}
