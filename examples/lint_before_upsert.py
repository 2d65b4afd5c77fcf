"""Lints a pipeline of the SageMaker Python SDK before it is uploaded: what breaks a rule never reaches the account.

Usage: python examples/lint_before_upsert.py BASE_JOB_NAME [STEP_ROLE_ARN], with AWS credentials and a Region.
"""

import json
import subprocess
import sys
from pathlib import Path

from sagemaker.processing import Processor
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.pipeline_definition_config import PipelineDefinitionConfig
from sagemaker.workflow.steps import ProcessingStep

EXECUTION_ROLE = "arn:aws:iam::111122223333:role/pipelines/fraud"
STEP_ROLE = "arn:aws:iam::111122223333:role/steps/fraud-features"
RULES = Path(__file__).parent / "pipewarden.yaml"
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud:1"


def lint(pipeline, *options):
    """Ends the program where the definition breaks a rule (status 1), or where something could not be judged (3)."""
    # The name and the role decide which prefixes the pipeline may use; the definition alone does not contain them.
    described = {"PipelineName": pipeline.name, "RoleArn": EXECUTION_ROLE, "PipelineDefinition": pipeline.definition()}
    command = ["pipewarden", "lint", *options, "-"]
    linted = subprocess.run(command, input=json.dumps(described), text=True)
    if linted.returncode != 0:
        sys.exit(linted.returncode)


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
        # Without it the service puts names of its own in the place of the base job names.
        pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=True),
    )
    lint(pipeline, "--config", str(RULES))
    pipeline.upsert(role_arn=EXECUTION_ROLE)
    print("uploaded")


if __name__ == "__main__":
    main(*sys.argv[1:])
