"""Makers of the steps that run jobs, with SDK 3; each takes the settings of the run."""

from dataclasses import dataclass
from typing import Any

from offline import EXECUTION_ROLE, REGISTRY, SOURCES, step_role
from sagemaker.core.inputs import TransformInput
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import (
    Channel, DataSource, OutputDataConfig, ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output,
    S3DataSource,
)  # fmt: skip
from sagemaker.core.training.configs import Compute
from sagemaker.core.transformer import Transformer
from sagemaker.core.workflow.pipeline_capture import capture_create_job_request
from sagemaker.core.workflow.pipeline_context import PipelineSession, runnable_by_pipeline
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import JobStep, ProcessingStep, TrainingStep, TransformStep, TuningStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

IMAGE = f"{REGISTRY}/fraud-images:1"
LOCAL_SCRIPT = str(SOURCES / "score.py")
LOCAL_NOTEBOOK = str(SOURCES / "report.ipynb")


@dataclass
class Run:
    """Who runs the steps and on what: constants, or pipeline parameters in their place."""

    session: PipelineSession
    roles: str = "shared"
    role_value: Any = EXECUTION_ROLE
    image: Any = IMAGE
    instance: Any = "ml.m5.xlarge"
    kms_key: Any = None
    data: Any = "s3://acme-data/transactions"
    output: Any = "s3://acme-output/fraud"

    def role(self, step: str) -> Any:
        return step_role(step) if self.roles == "own" else self.role_value


def channel(name: str, uri, content_type: str) -> Channel:
    source = S3DataSource(s3_data_type="S3Prefix", s3_uri=uri, s3_data_distribution_type="FullyReplicated")
    return Channel(channel_name=name, data_source=DataSource(s3_data_source=source), content_type=content_type)


def trainer(run: Run, data=None) -> ModelTrainer:
    cheques = channel("cheques", "s3://acme-images/cheques", "application/x-image")
    return ModelTrainer(
        training_image=run.image,
        role=run.role("train"),
        base_job_name="fraud-train",
        compute=Compute(instance_type=run.instance, instance_count=1, volume_size_in_gb=30),
        output_data_config=OutputDataConfig(s3_output_path=run.output, kms_key_id=run.kms_key),
        input_data_config=[channel("train", run.data if data is None else data, "text/csv"), cheques],
        sagemaker_session=run.session,
    )


def train(run: Run, name: str = "FraudTrain", data=None, depends_on=None) -> TrainingStep:
    return TrainingStep(name=name, step_args=trainer(run, data).train(), depends_on=depends_on)


def process(run: Run, name="FraudPrep", base="fraud-prep", role="prep", source=None, files=None, code=None):
    processor = ScriptProcessor(
        image_uri=run.image,
        command=["python3"],
        role=run.role(role),
        instance_count=1,
        instance_type=run.instance,
        output_kms_key=run.kms_key,
        base_job_name=base,
        sagemaker_session=run.session,
    )
    read = ProcessingS3Input(
        s3_uri=run.data if source is None else source, local_path="/opt/ml/processing/input", s3_data_type="S3Prefix",
        s3_input_mode="File", s3_data_distribution_type="FullyReplicated",
    )  # fmt: skip
    write = ProcessingS3Output(
        s3_uri=run.output, local_path="/opt/ml/processing/result", s3_upload_mode="EndOfJob"
    )
    step_args = processor.run(
        code=code or "s3://acme-data/code/prep.py",
        inputs=[ProcessingInput(input_name="input", s3_input=read)],
        outputs=[ProcessingOutput(output_name="result", s3_output=write)],
    )
    return ProcessingStep(name=name, step_args=step_args, property_files=files)


def evaluate(run: Run, source, files=None) -> ProcessingStep:
    return process(run, "FraudEval", "fraud-eval", "eval", source, files)


def transformer(run: Run, model_name="fraud-model") -> Transformer:
    return Transformer(
        model_name=model_name,
        instance_count=1,
        instance_type=run.instance,
        output_path=run.output,
        output_kms_key=run.kms_key,
        base_transform_job_name="fraud-score",
        sagemaker_session=run.session,
    )


def transform(run: Run, name: str = "FraudScore", model_name="fraud-model") -> TransformStep:
    step_args = transformer(run, model_name).transform(run.data, content_type="text/csv")
    return TransformStep(name=name, step_args=step_args)


def tune(run: Run) -> TuningStep:
    tuner = HyperparameterTuner(
        trainer(run),
        "validation:auc",
        {"eta": ContinuousParameter(0.1, 0.5)},
        [{"Name": "validation:auc", "Regex": "auc=(.*)"}],
        max_jobs=4,
        base_tuning_job_name="fraud",
    )
    return TuningStep(name="FraudTune", step_args=tuner.tune())


def builder(run: Run, data="s3://acme-output/fraud/model.tar.gz") -> ModelBuilder:
    return ModelBuilder(
        image_uri=run.image,
        s3_model_data_url=data,
        role_arn=run.role("model"),
        sagemaker_session=run.session,
    )


def create_model(run: Run, name: str = "FraudModel", data="s3://acme-output/fraud/model.tar.gz") -> ModelStep:
    return ModelStep(name=name, step_args=builder(run, data).build(model_name="fraud-model"))


def register(
    run: Run, name: str = "FraudRegister", data="s3://acme-output/fraud/model.tar.gz", **naming
) -> ModelStep:
    step_args = builder(run, data).register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        approval_status="PendingManualApproval",
        **(naming or {"model_package_group_name": "fraud-models"}),
    )
    return ModelStep(name=name, step_args=step_args)


@dataclass
class Customisation:
    """Stands for the SDK's trainers that call CreateJob: those read a model hub on the way, which is network."""

    sagemaker_session: PipelineSession
    role: str
    _pipeline_caller_name = "create_job"

    @runnable_by_pipeline
    def train(self):
        return capture_create_job_request(
            self.sagemaker_session,
            job_name="fraud-job-20260101000000",
            role_arn=self.role,
            job_category="AgentRFT",
            schema_version="1.0",
            job_config={"OutputDataConfig": {"S3OutputPath": "s3://acme-output/jobs"}},
        )


def job(run: Run) -> JobStep:
    return JobStep(name="FraudJob", step_args=Customisation(run.session, run.role("job")).train())
