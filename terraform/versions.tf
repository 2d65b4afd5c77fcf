terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
      # aws.iam_events is the provider of the Region to which AWS sends the events of IAM: us-east-1, cn-north-1 or us-gov-west-1.
      configuration_aliases = [aws, aws.iam_events]
    }
  }
}
