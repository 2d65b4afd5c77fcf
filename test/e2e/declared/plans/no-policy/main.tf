# A role without a name and without any policy; its trust is a policy document of a data source.
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

data "aws_sagemaker_prebuilt_ecr_image" "sklearn" {
  repository_name = "sagemaker-scikit-learn"
}

resource "aws_iam_role" "regression" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_sagemaker_pipeline" "regression" {
  pipeline_name         = "regression"
  pipeline_display_name = "regression"
  role_arn              = aws_iam_role.regression.arn
  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps = [{
      Name = "Prepare"
      Type = "Processing"
      Arguments = {
        RoleArn          = aws_iam_role.regression.arn
        AppSpecification = { ImageUri = data.aws_sagemaker_prebuilt_ecr_image.sklearn.registry_path }
      }
    }]
  })
}
