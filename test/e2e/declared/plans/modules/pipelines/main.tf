variable "name" {
  type = string
}

variable "pipelines" {
  type = map(object({ role_arn = optional(string), tuned = bool }))
}

variable "network" {
  type    = object({ subnets = list(string), groups = list(string) })
  default = null
}

resource "aws_iam_role" "worker" {
  count = anytrue([for each in values(var.pipelines) : each.role_arn == null]) ? 1 : 0

  name               = "${var.name}-worker"
  assume_role_policy = data.aws_iam_policy_document.trust[0].json
}

data "aws_iam_policy_document" "trust" {
  count = 1
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "work" {
  count = 1
  statement {
    actions   = ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"]
    resources = ["*"]
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.worker[0].arn]
  }
}

resource "aws_iam_policy" "work" {
  name   = "${var.name}-work"
  policy = data.aws_iam_policy_document.work[0].json
}

resource "aws_iam_role_policy_attachment" "work" {
  role       = aws_iam_role.worker[0].name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_sagemaker_pipeline" "this" {
  for_each = var.pipelines

  pipeline_name         = "${var.name}-${each.key}"
  pipeline_display_name = each.key
  role_arn              = coalesce(each.value.role_arn, try(aws_iam_role.worker[0].arn, null))
  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps = [merge(
      { Name = "Train", Type = "Training" },
      {
        Arguments = {
          HyperParameters = each.value.tuned ? { depth = "6" } : null
          VpcConfig       = var.network != null ? { Subnets = var.network.subnets, SecurityGroupIds = var.network.groups } : null
        }
      },
    )]
  })
}
