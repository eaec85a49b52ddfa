# All values come from infra/event.toml by way of `techognition deploy`, which explains them there. Nobody edits them here.

variable "name" {
  type        = string
  description = "Begins the name of everything that is made."
}

variable "region" {
  type        = string
  description = "Where everything but the edge is."
}

variable "architecture" {
  type        = string
  description = "What the functions run on."
  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "zips" {
  type        = string
  description = "The folder of the functions' packages, each called {function}.zip."
  default     = "../../target/deploy/zips"
}

variable "edge_file" {
  type        = string
  description = "Which paths the edge sends where, and for whom."
  default     = "../edge.json"
}

variable "functions_file" {
  type        = string
  description = "The list of functions."
  default     = "../functions.json"
}

variable "actions_file" {
  type        = string
  description = "What each grant of the list of functions means to AWS."
  default     = "../actions.json"
}

variable "alarm_email" {
  type        = string
  description = "Who is told when something needs a person; empty for nobody."
}

variable "alarm_phone" {
  type        = string
  description = "A telephone that is sent a text message when the day has stopped, as +44…; empty for none."
}

variable "monthly_budget_usd" {
  type        = number
  description = "Spend in a month that is told of, at half, at four fifths, and when it is forecast to be passed."
}

variable "egress_gb_per_hour" {
  type        = number
  description = "Bytes that the edge may send in an hour before somebody is told."
}

variable "egress_offline_gb_per_hour" {
  type        = number
  description = "Bytes that the edge may send in an hour before the site takes itself offline; 0 for never."
  validation {
    condition     = var.egress_offline_gb_per_hour == 0 || (var.firewall && var.egress_offline_gb_per_hour > var.egress_gb_per_hour)
    error_message = "egress_offline_gb_per_hour is 0 without a firewall, and otherwise more than egress_gb_per_hour."
  }
}

variable "throttle" {
  type = object({
    read     = object({ rate = number, burst = number })
    write    = object({ rate = number, burst = number })
    register = object({ rate = number, burst = number })
    urgent   = object({ rate = number, burst = number })
  })
  description = "Requests in a second, and at once, that each route takes from the edge, by what it does: see functions.json."
}

variable "address_per_minute" {
  type        = object({ register = number, remove = number, change = number, read = number })
  description = "Requests in a minute from one address that the firewall lets through: that register photos, edit, withdraw or report one, change anything else, and read what functions answer."
}

variable "renditions_at_once" {
  type        = number
  description = "Photos that are worked on at the same time, if the account may run so many functions."
  validation {
    condition     = var.renditions_at_once >= 2 && var.renditions_at_once <= 1000
    error_message = "renditions_at_once is 2 to 1000."
  }
}

variable "original_days" {
  type        = number
  description = "Days after which originals are removed; renditions stay."
}

variable "edge_secrets" {
  type        = list(string)
  sensitive   = true
  description = "By what functions know the edge: the secret that it sends, and the one that it sends next. The command makes them; where nothing is deployed there are none."
  default     = []
  validation {
    condition     = alltrue([for secret in var.edge_secrets : length(secret) >= 40 && can(regex("^[A-Za-z0-9_-]+$", secret))]) && contains([0, 2], length(distinct(var.edge_secrets)))
    error_message = "edge_secrets are two different ones of 40 letters or more."
  }
}

variable "domain" {
  type        = object({ name = string, certificate_arn = string })
  description = "The site's own domain with its certificate in us-east-1; null for the edge's own name."
  default     = null
}

variable "firewall" {
  type        = bool
  description = "Whether a web application firewall stands before the edge."
}

variable "tracing" {
  type        = bool
  description = "Whether requests are traced through the functions."
}

variable "emulated" {
  type        = bool
  description = "Whether this is an emulated AWS, which has not all of what the edge, alarms and budgets need. Never true in an account."
  default     = false
}
