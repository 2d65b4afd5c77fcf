"""Makers of the steps with SDK 2 that check, branch, or call another service."""

from offline import ACCOUNT, REGION, SOURCES
from sagemaker.clarify import BiasConfig, DataConfig
from sagemaker.lambda_helper import Lambda
from sagemaker.lineage.action import Action
from sagemaker.lineage.artifact import Artifact
from sagemaker.model_monitor import DatasetFormat
from sagemaker.workflow.callback_step import CallbackOutput, CallbackStep
from sagemaker.workflow.check_job_config import CheckJobConfig
from sagemaker.workflow.clarify_check_step import ClarifyCheckStep, DataBiasCheckConfig
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.emr_step import EMRStep, EMRStepConfig
from sagemaker.workflow.endpoint_step import EndpointConfigStep, EndpointStep
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.function_step import step
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.inference_component_step import InferenceComponentStep
from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.workflow.lineage_step import LineageAssociation, LineageEntityReference, LineageStep
from sagemaker.workflow.monitor_batch_transform_step import MonitorBatchTransformStep
from sagemaker.workflow.notebook_job_step import NotebookJobStep
from sagemaker.workflow.quality_check_step import (
    DataQualityCheckConfig,
    ModelQualityCheckConfig,
    QualityCheckStep,
)
from steps_v2 import IMAGE, LOCAL_NOTEBOOK, Run, transformer


def check_job(run: Run, base: str = "fraud-check") -> CheckJobConfig:
    return CheckJobConfig(
        role=run.role("check"),
        instance_type=run.instance,
        output_kms_key=run.kms_key,
        base_job_name=base,
        sagemaker_session=run.session,
    )


def data_quality(run: Run) -> DataQualityCheckConfig:
    return DataQualityCheckConfig(
        baseline_dataset=run.data,
        dataset_format=DatasetFormat.csv(header=True),
        output_s3_uri=run.output,
    )


def quality_check(run: Run) -> QualityCheckStep:
    return QualityCheckStep(
        name="FraudQuality",
        quality_check_config=data_quality(run),
        check_job_config=check_job(run),
        supplied_baseline_statistics="s3://acme-data/baseline/statistics.json",
        supplied_baseline_constraints="s3://acme-data/baseline/constraints.json",
        model_package_group_name="fraud-models",
    )


def model_quality_check(run: Run) -> QualityCheckStep:
    config = ModelQualityCheckConfig(
        baseline_dataset=run.data,
        dataset_format=DatasetFormat.csv(header=True),
        output_s3_uri=run.output,
        problem_type="BinaryClassification",
        inference_attribute="guess",
        ground_truth_attribute="fraud",
    )
    return QualityCheckStep("FraudModelQuality", config, check_job(run), register_new_baseline=True)


def bias_check(run: Run) -> ClarifyCheckStep:
    data = DataConfig(run.data, run.output, label="fraud", headers=["fraud", "age"], dataset_type="text/csv")
    bias = BiasConfig(label_values_or_threshold=[1], facet_name="age")
    return ClarifyCheckStep("FraudBias", DataBiasCheckConfig(data, bias), check_job(run))


def monitored_transform(run: Run) -> MonitorBatchTransformStep:
    return MonitorBatchTransformStep(
        name="FraudMonitored",
        transform_step_args=transformer(run).transform(run.data, content_type="text/csv"),
        monitor_configuration=data_quality(run),
        check_job_configuration=check_job(run),
    )


def when(name: str, left, then: list, otherwise: list, least: float = 0.8) -> ConditionStep:
    condition = ConditionGreaterThanOrEqualTo(left=left, right=least)
    return ConditionStep(name=name, conditions=[condition], if_steps=then, else_steps=otherwise)


def score_of(evaluation, file) -> JsonGet:
    return JsonGet(step_name=evaluation.name, property_file=file, json_path="auc.value")


def fail(name: str = "FraudFail") -> FailStep:
    return FailStep(name=name, error_message=Join(on=" ", values=["too few", "found"]))


def call_lambda(name: str = "FraudCall", inputs: dict | None = None) -> LambdaStep:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:fraud-notify"
    output = LambdaOutput(output_name="score", output_type=LambdaOutputTypeEnum.Float)
    return LambdaStep(name, Lambda(function_arn=arn), inputs=inputs or {"bucket": "acme-data"}, outputs=[output])


def callback() -> CallbackStep:
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/fraud-review"
    return CallbackStep("FraudReview", queue, {"reviewers": "2"}, [CallbackOutput("verdict")])


def emr_job() -> EMRStepConfig:
    return EMRStepConfig("s3://acme-data/jars/fraud.jar", args=["--input", "s3://acme-data/transactions"])


def emr(run: Run) -> EMRStep:
    role = run.role("emr") if run.roles == "own" else None
    return EMRStep("FraudEmr", "", "", "j-1A2B3C4D5E6F7", emr_job(), execution_role_arn=role)


def emr_own_cluster() -> EMRStep:
    group = {"Name": "first", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}
    cluster = {
        "ReleaseLabel": "emr-7.5.0",
        "Applications": [{"Name": "Spark"}],
        "LogUri": "s3://acme-output/emr",
        "JobFlowRole": "fraud-emr-instances",
        "ServiceRole": f"arn:aws:iam::{ACCOUNT}:role/steps/fraud-emr",
        "Instances": {"InstanceGroups": [group]},
    }
    return EMRStep("FraudEmr", "", "", None, emr_job(), cluster_config=cluster)


def notebook(run: Run) -> NotebookJobStep:
    return NotebookJobStep(
        name="FraudNotebook",
        input_notebook=LOCAL_NOTEBOOK,
        initialization_script=str(SOURCES / "score.py"),
        notebook_job_name="fraud-notebook",
        image_uri=IMAGE,
        kernel_name="python3",
        role=run.role("notebook"),
        s3_root_uri="s3://acme-output/notebooks",
    )


def function(run: Run, name: str = "FraudScoreFunction", **more):
    settings = {"role": run.role("function"), "image_uri": IMAGE, "instance_type": "ml.m5.large", **more}

    # Without a description the SDK writes the path of this file.
    @step(name=name, display_name=name, description=name, **settings)
    def score(amount=1.0):
        return {"auc": amount}

    return score


def endpoint(run: Run) -> list:
    config = run.session.create_endpoint_config(
        "fraud-config", model_name="fraud-model", initial_instance_count=1, instance_type="ml.m5.large",
        role=run.role("endpoint"),
    )  # fmt: skip
    configured = EndpointConfigStep(name="FraudConfig", step_args=config)
    live = run.session.create_endpoint("fraud-live", configured.properties.EndpointConfigName)
    return [configured, EndpointStep(name="FraudLive", step_args=live)]


def inference_component(run: Run) -> InferenceComponentStep:
    needs = {"ModelName": "fraud-model", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}
    made = run.session.create_inference_component("fraud-part", "fraud-live", "AllTraffic", needs)
    return InferenceComponentStep(name="FraudPart", step_args=made)


def lineage(run: Run) -> LineageStep:
    ran = Action.create("fraud-run", "s3://acme-data/run", action_type="Run", sagemaker_session=run.session)
    made = Artifact.create("fraud-table", "s3://acme-data/t", artifact_type="Data", sagemaker_session=run.session)
    link = LineageAssociation(
        LineageEntityReference(name="fraud-run", type="Action"),
        LineageEntityReference(name="fraud-table", type="Artifact"),
        association_type="Produced",
    )
    return LineageStep("FraudLineage", actions=[ran], artifacts=[made], associations=[link])
