# All values come from infra/event.toml by way of `techognition deploy`, which explains them there. Nobody edits them here.

variable "name" {
  type        = string
  description = "The beginning of all names in the account."
}

variable "region" {
  type        = string
  description = "The region of everything except CloudFront."
}

variable "architecture" {
  type        = string
  description = "The processor of the functions: arm64 or x86_64."
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
  description = "The paths of the site, where CloudFront sends them, and who may call them."
  default     = "../edge.json"
}

variable "functions_file" {
  type        = string
  description = "The list of functions."
  default     = "../functions.json"
}

variable "actions_file" {
  type        = string
  description = "The AWS permissions behind each grant in the list of functions."
  default     = "../actions.json"
}

variable "alarm_email" {
  type        = string
  description = "The e-mail address for alarms; empty for none."
}

variable "alarm_phone" {
  type        = string
  description = "The mobile number that gets a text message when the day has stopped, as +44…; empty for none."
}

variable "monthly_budget_usd" {
  type        = number
  description = "The monthly budget. An e-mail is sent at half of it, at four fifths, and when it is forecast to be exceeded."
}

variable "egress_gb_per_hour" {
  type        = number
  description = "Bytes that CloudFront may send in an hour before an alarm."
}

variable "egress_offline_gb_per_hour" {
  type        = number
  description = "Bytes that CloudFront may send in an hour before the site takes itself offline; 0 for never."
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
  description = "The most requests a second, and at once, that each route accepts, by the kind of route: see functions.json."
}

variable "address_per_minute" {
  type        = object({ register = number, remove = number, change = number, read = number })
  description = "The most requests a minute that the firewall lets through from one address: to register photos; to edit, withdraw or report one; to change anything else; and to read answers of functions."
}

variable "renditions_at_once" {
  type        = number
  description = "The most photos that are processed at the same time, if the account may run that many functions."
  validation {
    condition     = var.renditions_at_once >= 2 && var.renditions_at_once <= 1000
    error_message = "renditions_at_once is 2 to 1000."
  }
}

variable "original_days" {
  type        = number
  description = "The days after which originals are deleted; renditions stay."
}

variable "edge_secrets" {
  type        = list(string)
  sensitive   = true
  description = "The secrets by which functions recognise CloudFront: the present one and the next one. The command makes them; empty if nothing is deployed."
  default     = []
  validation {
    condition     = alltrue([for secret in var.edge_secrets : length(secret) >= 40 && can(regex("^[A-Za-z0-9_-]+$", secret))]) && contains([0, 2], length(distinct(var.edge_secrets)))
    error_message = "edge_secrets are two different ones of 40 letters or more."
  }
}

variable "domain" {
  type        = object({ name = string, certificate_arn = string })
  description = "The site's own domain with its certificate in us-east-1; null for CloudFront's name."
  default     = null
}

variable "firewall" {
  type        = bool
  description = "Whether a web application firewall protects CloudFront."
}

variable "tracing" {
  type        = bool
  description = "Whether requests are traced through the functions."
}

variable "emulated" {
  type        = bool
  description = "Whether this is an emulated AWS, which lacks parts of CloudFront, alarms and budgets. Never true in a real account."
  default     = false
}
