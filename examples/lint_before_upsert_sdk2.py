"""Judges a pipeline of the SageMaker Python SDK 2 before it is uploaded: what breaks a rule never reaches the account.

Usage: python examples/lint_before_upsert_sdk2.py BASE_JOB_NAME [STEP_ROLE_ARN], with AWS credentials and a Region.
The package pipewarden is built by `npm run wheel`.
"""

import sys
from pathlib import Path

import pipewarden
from sagemaker.processing import Processor
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.pipeline_definition_config import PipelineDefinitionConfig
from sagemaker.workflow.steps import ProcessingStep

EXECUTION_ROLE = "arn:aws:iam::111122223333:role/pipelines/fraud"
STEP_ROLE = "arn:aws:iam::111122223333:role/steps/fraud-features"
RULES = Path(__file__).parent / "pipewarden.yaml"
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud:1"


def features(session, base_job_name, role):
    processor = Processor(
        image_uri=IMAGE,
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        base_job_name=base_job_name,
        sagemaker_session=session,
    )
    return ProcessingStep(name="PrepareFeatures", step_args=processor.run())


def main(base_job_name, step_role=STEP_ROLE):
    session = PipelineSession(default_bucket="acme-output")
    pipeline = Pipeline(
        name="fraud-features",
        steps=[features(session, base_job_name, step_role)],
        sagemaker_session=session,
        # Without it, the SDK leaves the base job names out, and the service gives the jobs names of its own.
        pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=True),
    )
    # The role decides which prefixes the pipeline may use; the definition alone does not contain it.
    try:
        pipewarden.assert_compliant(pipeline, role_arn=EXECUTION_ROLE, config=RULES)
    except pipewarden.NotCompliant as found:
        sys.exit(str(found))
    pipeline.upsert(role_arn=EXECUTION_ROLE)
    print("uploaded")


if __name__ == "__main__":
    main(*sys.argv[1:])
