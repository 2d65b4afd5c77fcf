# Deploys a release of Pipewarden, in whose folder this module lies, by the templates of the release. CloudFormation makes the resources,
# because their order, their updates and what outlives a removal are tested there; Terraform holds the stacks and what they are given.

data "aws_region" "home" {}

locals {
  release   = "${path.module}/.."
  templates = "${local.release}/templates/${data.aws_region.home.id}"
  config    = coalesce(var.config_file, "${local.release}/config/default.json")
  files     = fileset(local.release, "functions/*.zip")
  roles = {
    PermissionsBoundaryArn = var.permissions_boundary_arn
    RolePath               = var.role_path
  }
}

resource "aws_s3_object" "function" {
  for_each = local.files

  bucket      = var.artifact_bucket
  key         = "${var.artifact_prefix}${each.value}"
  source      = "${local.release}/${each.value}"
  source_hash = filesha256("${local.release}/${each.value}")
  tags        = var.tags
}

# Named by its content, because the functions go by the checksum that was deployed with them.
resource "aws_s3_object" "config" {
  bucket      = var.artifact_bucket
  key         = "${var.artifact_prefix}config/${filesha256(local.config)}.json"
  source      = local.config
  source_hash = filesha256(local.config)
  tags        = var.tags
}

# Larger than what CloudFormation takes without a bucket.
resource "aws_s3_object" "template" {
  bucket      = var.artifact_bucket
  key         = "${var.artifact_prefix}templates/${filesha256("${local.templates}/Pipewarden.template.json")}.json"
  source      = "${local.templates}/Pipewarden.template.json"
  source_hash = filesha256("${local.templates}/Pipewarden.template.json")
  tags        = var.tags
}

data "aws_s3_bucket" "artifacts" {
  bucket = var.artifact_bucket
}

resource "aws_cloudformation_stack" "state" {
  name          = "PipewardenState"
  template_body = file("${local.templates}/PipewardenState.template.json")
  tags          = var.tags

  parameters = {
    KeyArn        = var.key_arn
    AlertTopicArn = var.alert_topic_arn
  }
}

resource "aws_cloudformation_stack" "pipewarden" {
  name         = "Pipewarden"
  template_url = "https://${data.aws_s3_bucket.artifacts.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]
  tags         = var.tags

  parameters = merge(local.roles, {
    ArtifactBucket     = var.artifact_bucket
    ArtifactPrefix     = var.artifact_prefix
    ConfigKey          = trimprefix(aws_s3_object.config.key, var.artifact_prefix)
    ConfigSha256       = filesha256(local.config)
    SlackSecretArn     = var.slack_secret_arn
    ReserveConcurrency = var.reserve_concurrency ? "yes" : "no"
    LogRetentionDays   = tostring(var.log_retention_days)
  })

  # It reads the outputs of the other stack when it is deployed, and the objects when its functions are made.
  depends_on = [aws_cloudformation_stack.state, aws_s3_object.function]
}

resource "aws_cloudformation_stack" "iam_events" {
  count    = var.has_iam_events ? 1 : 0
  provider = aws.iam_events

  name          = "PipewardenIamEvents"
  template_body = file("${local.templates}/PipewardenIamEvents.template.json")
  capabilities  = ["CAPABILITY_IAM"]
  tags          = var.tags
  parameters    = local.roles

  depends_on = [aws_cloudformation_stack.pipewarden]
}
