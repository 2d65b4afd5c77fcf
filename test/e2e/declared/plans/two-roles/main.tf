# The steps run under a role of their own, which the pipeline's role may not pass; nothing allows the tags that SageMaker gives jobs.
resource "aws_s3_bucket" "data" {
  bucket = "acme-graph-data"
}

resource "aws_iam_role" "pipeline" {
  name = "graph-pipeline"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "sagemaker.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "steps" {
  name = "graph-steps"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "sagemaker.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  name = "jobs"
  role = aws_iam_role.pipeline.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "steps" {
  name = "data"
  role = aws_iam_role.steps.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "${aws_s3_bucket.data.arn}/*" },
      { Effect = "Allow", Action = "s3:ListBucket", Resource = aws_s3_bucket.data.arn },
    ]
  })
}

resource "aws_sagemaker_pipeline" "graph" {
  pipeline_name         = "graph"
  pipeline_display_name = "graph"
  role_arn              = aws_iam_role.pipeline.arn
  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps = [{
      Name = "Prepare"
      Type = "Processing"
      Arguments = {
        RoleArn = aws_iam_role.steps.arn
        ProcessingInputs = [{
          InputName = "in"
          S3Input   = { S3Uri = "s3://${aws_s3_bucket.data.bucket}/raw/", LocalPath = "/opt/ml/processing/in", S3DataType = "S3Prefix" }
        }]
      }
    }]
  })
}
