# Names end in what only the deployment gives; one definition is a literal, the other a file with values.
resource "terraform_data" "suffix" {}

resource "aws_iam_role" "runner" {
  name = "runner-${terraform_data.suffix.id}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
    }]
  })
}

resource "aws_iam_role_policy" "runner" {
  name = "jobs"
  role = aws_iam_role.runner.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sagemaker:CreateTransformJob", "sagemaker:DescribeTransformJob", "sagemaker:AddTags"]
        Resource = "arn:aws:sagemaker:eu-west-1:111122223333:transform-job/pipelines-*"
      },
    ]
  })
}

resource "aws_sagemaker_pipeline" "stop" {
  pipeline_name         = "stop-${terraform_data.suffix.id}"
  pipeline_display_name = "stop"
  role_arn              = aws_iam_role.runner.arn
  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps   = [{ Name = "Stop", Type = "Fail", Arguments = { ErrorMessage = "not yet" } }]
  })
}

resource "aws_sagemaker_pipeline" "score" {
  pipeline_name         = "score"
  pipeline_display_name = "score"
  role_arn              = aws_iam_role.runner.arn
  pipeline_definition   = templatefile("${path.module}/score.json.tftpl", { role = aws_iam_role.runner.arn, bucket = "acme-scores" })
}
