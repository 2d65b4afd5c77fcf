"""Makers of steps with SDK 2; each takes the settings of the run."""

from dataclasses import dataclass
from typing import Any

from offline import EXECUTION_ROLE, REGISTRY, SOURCES, step_role
from sagemaker.automl.automl import AutoML, AutoMLInput
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.parameter import ContinuousParameter
from sagemaker.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.transformer import Transformer
from sagemaker.tuner import HyperparameterTuner
from sagemaker.workflow.automl_step import AutoMLStep
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import ProcessingStep, TrainingStep, TransformStep, TuningStep

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


def estimator(run: Run, base: str = "fraud-train", **more) -> Estimator:
    return Estimator(
        image_uri=run.image,
        role=run.role("train"),
        instance_count=1,
        instance_type=run.instance,
        output_path=run.output,
        output_kms_key=run.kms_key,
        volume_kms_key=run.kms_key,
        base_job_name=base,
        sagemaker_session=run.session,
        **more,
    )


def channels(run: Run) -> dict:
    images = TrainingInput("s3://acme-images/cheques", content_type="application/x-image")
    return {"train": TrainingInput(run.data, content_type="text/csv"), "cheques": images}


def train(run: Run, name: str = "FraudTrain", inputs: dict | None = None, retry_policies=None, **more):
    step_args = estimator(run, **more).fit(inputs or channels(run))
    return TrainingStep(name=name, step_args=step_args, retry_policies=retry_policies)


def processor(run: Run, base: str, role: str) -> ScriptProcessor:
    return ScriptProcessor(
        image_uri=run.image,
        command=["python3"],
        role=run.role(role),
        instance_count=1,
        instance_type=run.instance,
        output_kms_key=run.kms_key,
        volume_kms_key=run.kms_key,
        base_job_name=base,
        sagemaker_session=run.session,
    )


def process(run: Run, name="FraudPrep", base="fraud-prep", role="prep", source=None, files=None, code=None):
    step_args = processor(run, base, role).run(
        code=code or "s3://acme-data/code/prep.py",
        inputs=[ProcessingInput(source=source or run.data, destination="/opt/ml/processing/input")],
        outputs=[ProcessingOutput(output_name="result", source="/opt/ml/processing/result", destination=run.output)],
    )
    return ProcessingStep(name=name, step_args=step_args, property_files=files)


def evaluate(run: Run, source, files=None):
    return process(run, "FraudEval", "fraud-eval", "eval", source, files)


def model(run: Run, data="s3://acme-output/fraud/model.tar.gz", name="fraud-model", **more) -> Model:
    return Model(
        image_uri=run.image,
        model_data=data,
        role=run.role("model"),
        name=name,
        model_kms_key=run.kms_key,
        sagemaker_session=run.session,
        **more,
    )


def create_model(run: Run, name: str = "FraudModel", of: Model | None = None):
    return ModelStep(name=name, step_args=(of or model(run)).create(instance_type="ml.m5.large"))


def register(run: Run, name: str = "FraudRegister", of: Model | None = None, **naming):
    step_args = (of or model(run)).register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        approval_status="PendingManualApproval",
        **(naming or {"model_package_group_name": "fraud-models"}),
    )
    return ModelStep(name=name, step_args=step_args)


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


def transform(run: Run, name: str = "FraudScore", model_name="fraud-model"):
    step_args = transformer(run, model_name).transform(run.data, content_type="text/csv")
    return TransformStep(name=name, step_args=step_args)


RANGES = {"eta": ContinuousParameter(0.1, 0.5)}
OBJECTIVE = "validation:auc"
METRICS = [{"Name": OBJECTIVE, "Regex": "auc=(.*)"}]


def tune(run: Run, name: str = "FraudTune"):
    tuner = HyperparameterTuner(
        estimator(run), OBJECTIVE, RANGES, METRICS, max_jobs=4, base_tuning_job_name="fraud"
    )
    return TuningStep(name=name, step_args=tuner.fit(channels(run)))


def tune_several(run: Run):
    names = ["small", "large"]
    tuner = HyperparameterTuner.create(
        estimator_dict={name: estimator(run) for name in names},
        objective_metric_name_dict=dict.fromkeys(names, OBJECTIVE),
        hyperparameter_ranges_dict=dict.fromkeys(names, RANGES),
        metric_definitions_dict=dict.fromkeys(names, METRICS),
        base_tuning_job_name="fraud",
        max_jobs=4,
    )
    return TuningStep(name="FraudTune", step_args=tuner.fit(dict.fromkeys(names, channels(run)), include_cls_metadata={}))


def automl(run: Run) -> AutoMLStep:
    auto = AutoML(
        role=run.role("automl"),
        target_attribute_name="fraud",
        base_job_name="fraud",
        output_path=run.output,
        mode="ENSEMBLING",
        sagemaker_session=run.session,
    )
    inputs = [AutoMLInput(inputs=run.data, target_attribute_name="fraud", channel_type="training")]
    return AutoMLStep(name="FraudAuto", step_args=auto.fit(inputs=inputs))
