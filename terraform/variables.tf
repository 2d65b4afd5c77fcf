variable "artifact_bucket" {
  description = "A bucket in the home Region, into which the module writes the files of the release."
  type        = string
}

variable "artifact_prefix" {
  description = "What the keys of the files begin with: empty, or with a slash at the end."
  type        = string
  default     = "pipewarden/"
}

variable "config_file" {
  description = "The configuration as JSON. Without it, nothing is configured."
  type        = string
  default     = null
}

variable "has_iam_events" {
  description = "Whether the events of IAM are forwarded from the Region of aws.iam_events. False where that is the home Region, or where it is denied."
  type        = bool
  default     = true
}

variable "slack_secret_arn" {
  description = "The secret with the credentials of Slack that the configuration names."
  type        = string
  default     = ""
}

variable "key_arn" {
  description = "A KMS key of the home Region in place of one that is made."
  type        = string
  default     = ""
}

variable "alert_topic_arn" {
  description = "An SNS topic of the home Region in place of one that is made."
  type        = string
  default     = ""
}

variable "reserve_concurrency" {
  description = "Whether functions reserve concurrency. False for new accounts, which have 10 in all."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "For how many days logs are kept."
  type        = number
  default     = 365
}

variable "permissions_boundary_arn" {
  description = "The managed policy that bounds all roles."
  type        = string
  default     = ""
}

variable "role_path" {
  description = "The path of all roles."
  type        = string
  default     = "/"
}

variable "tags" {
  description = "Tags of all that is made."
  type        = map(string)
  default     = {}
}
