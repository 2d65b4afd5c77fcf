"""Pipelines of the SageMaker SDK that is installed: 2 or 3."""

import os
import sys
from pathlib import Path

import pipewarden
import pytest
from conftest import ROLE, STEP_ROLE

IS_SDK2 = os.environ["PIPEWARDEN_TESTED_SDK"] == "sdk2"


def sdk():
    """What the two SDKs have in different places."""
    import boto3

    if IS_SDK2:
        from sagemaker.processing import Processor
        from sagemaker.workflow.pipeline import Pipeline
        from sagemaker.workflow.pipeline_context import PipelineSession
        from sagemaker.workflow.pipeline_definition_config import PipelineDefinitionConfig
        from sagemaker.workflow.steps import ProcessingStep
    else:
        from sagemaker.core.processing import Processor
        from sagemaker.core.workflow.pipeline_context import PipelineSession
        from sagemaker.core.workflow.pipeline_definition_config import PipelineDefinitionConfig
        from sagemaker.mlops.workflow.pipeline import Pipeline
        from sagemaker.mlops.workflow.steps import ProcessingStep
    session = PipelineSession(boto_session=boto3.Session(), default_bucket="acme-output")
    return session, Processor, ProcessingStep, Pipeline, PipelineDefinitionConfig


def pipeline(base="fraud-prep", role=STEP_ROLE, prefixed=True):
    session, processor, processing_step, make, config = sdk()
    made = processor(
        image_uri="111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud:1",
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        base_job_name=base,
        sagemaker_session=session,
    )
    return make(
        name="fraud-daily",
        steps=[processing_step(name="Prep", step_args=made.run())],
        sagemaker_session=session,
        pipeline_definition_config=config(use_custom_job_prefix=prefixed),
    )


def test_a_pipeline_that_keeps_the_rules_passes(rules):
    pipewarden.assert_compliant(pipeline(), role_arn=ROLE)


def test_a_wrong_base_job_name_and_role_are_told_in_the_words_of_the_sdk(rules):
    findings = pipewarden.lint(pipeline("scratch", "arn:aws:iam::111122223333:role/admin"), role_arn=ROLE)
    assert findings.pipeline == "fraud-daily"
    told = {each.control: (each.evidence[0].found, each.remedy) for each in findings}
    assert {control: found for control, (found, _remedy) in told.items()} == {
        "pipeline-job-prefix": "step Prep has the base job name scratch",
        "step-role-authorised": "step Prep names arn:aws:iam::111122223333:role/admin",
    }
    assert 'Processor(base_job_name="fraud-prep")' in told["pipeline-job-prefix"][1]
    assert "Processor(role=…)" in told["step-role-authorised"][1]


def test_the_name_that_the_sdk_left_out_of_a_pipeline_of_one_step_is_told(rules):
    [found] = pipewarden.lint(pipeline(prefixed=False), role_arn=ROLE)
    assert found.evidence[0].found == "step Prep has no base job name"
    assert "PipelineDefinitionConfig(use_custom_job_prefix=True)" in found.remedy


def test_without_its_role_the_pipeline_is_judged_as_its_definition(rules):
    assert not pipewarden.lint(pipeline())


@pytest.fixture
def trained(rules, monkeypatch):
    """Makes a pipeline of SDK 3 with one training step of the class that is given."""
    if IS_SDK2:
        pytest.skip("SDK 2 has estimators in place of ModelTrainer")
    import botocore.client
    from sagemaker.core.training.configs import Compute, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    # SDK 3 asks AWS whether the role is fit for the job, and uploads the code.
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    answers = {
        "GetRole": {"Role": {"Arn": STEP_ROLE, "AssumeRolePolicyDocument": {"Statement": [trust]}}},
        "SimulatePrincipalPolicy": {"EvaluationResults": []},
        "GetCallerIdentity": {"Account": "111122223333"},
        "PutObject": {"ETag": "0"},
        "HeadBucket": {},
        "ListBuckets": {"Buckets": []},
    }
    answer = lambda _client, operation, _given: answers[operation]  # noqa: E731
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", answer)

    def made(training_step):
        session, _processor, _step, make, config = sdk()
        Path("train.py").write_text("print()", encoding="utf-8")
        trainer = ModelTrainer(
            training_image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud:1",
            role=STEP_ROLE,
            base_job_name="fraud-train",
            compute=Compute(instance_type="ml.m5.large", instance_count=1),
            source_code=SourceCode(source_dir=".", entry_script="train.py"),
            sagemaker_session=session,
        )
        return make(
            name="fraud-daily",
            steps=[training_step(name="Train", step_args=trainer.train())],
            sagemaker_session=session,
            pipeline_definition_config=config(use_custom_job_prefix=True),
        )

    return made


def test_the_name_that_sdk3_left_out_of_a_trainer_is_told(trained):
    from sagemaker.mlops.workflow.steps import TrainingStep

    [found] = pipewarden.lint(trained(TrainingStep), role_arn=ROLE)
    assert found.evidence[0].found.startswith("step Train has no base job name: SDK 3 left out fraud-train")
    assert "pipewarden explain pipeline-job-prefix" in found.remedy


def test_the_class_that_the_page_of_the_control_shows_keeps_the_name(trained):
    from sagemaker.mlops.workflow.steps import TrainingStep

    page = (Path(__file__).parents[2] / "shared/controls/pipeline-job-prefix.md").read_text(encoding="utf-8")
    shown = page[page.index("class NamedTrainingStep") : page.index("```", page.index("class NamedTrainingStep"))]
    names = {"TrainingStep": TrainingStep}
    exec(shown, names)
    pipewarden.assert_compliant(trained(names["NamedTrainingStep"]), role_arn=ROLE)


def test_the_sdk_is_the_one_that_is_meant():
    import importlib.metadata

    package, major = ("sagemaker", "2.") if IS_SDK2 else ("sagemaker-mlops", "1.")
    assert importlib.metadata.version(package).startswith(major)
    assert sys.version_info >= (3, 11)
