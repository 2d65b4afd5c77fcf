"""Makers of the steps with SDK 3 that check, branch, repeat, or call another service."""

from offline import ACCOUNT, REGION, SOURCES
from sagemaker.core.clarify import BiasConfig, DataConfig
from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.lineage.action import Action
from sagemaker.core.lineage.artifact import Artifact
from sagemaker.core.model_monitor.dataset_format import DatasetFormat
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import JsonGet
from sagemaker.mlops.workflow.callback_step import CallbackOutput, CallbackStep
from sagemaker.mlops.workflow.check_job_config import CheckJobConfig
from sagemaker.mlops.workflow.clarify_check_step import ClarifyCheckStep, DataBiasCheckConfig
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.emr_serverless_step import EMRServerlessJobConfig, EMRServerlessStep
from sagemaker.mlops.workflow.emr_step import EMRStep, EMRStepConfig
from sagemaker.mlops.workflow.endpoint_step import EndpointConfigStep, EndpointStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.function_step import step
from sagemaker.mlops.workflow.inference_component_step import InferenceComponentStep
from sagemaker.mlops.workflow.lambda_step import LambdaStep
from sagemaker.mlops.workflow.lineage_step import LineageStep
from sagemaker.mlops.workflow.notebook_job_step import NotebookJobStep
from sagemaker.mlops.workflow.quality_check_step import DataQualityCheckConfig, QualityCheckStep
from steps_v3 import IMAGE, LOCAL_NOTEBOOK, Run


def check_job(run: Run) -> CheckJobConfig:
    return CheckJobConfig(
        role=run.role("check"),
        instance_type=run.instance,
        base_job_name="fraud-check",
        sagemaker_session=run.session,
    )


def quality_check(run: Run) -> QualityCheckStep:
    config = DataQualityCheckConfig(
        baseline_dataset=run.data,
        dataset_format=DatasetFormat.csv(header=True),
        output_s3_uri=run.output,
    )
    return QualityCheckStep("FraudQuality", config, check_job(run), model_package_group_name="fraud-models")


def bias_check(run: Run) -> ClarifyCheckStep:
    data = DataConfig(run.data, run.output, label="fraud", headers=["fraud", "age"], dataset_type="text/csv")
    bias = BiasConfig(label_values_or_threshold=[1], facet_name="age")
    return ClarifyCheckStep("FraudBias", DataBiasCheckConfig(data, bias), check_job(run))


def when(name: str, left, then: list, otherwise: list) -> ConditionStep:
    condition = ConditionGreaterThanOrEqualTo(left=left, right=0.8)
    return ConditionStep(name=name, conditions=[condition], if_steps=then, else_steps=otherwise)


def score_of(evaluation, file) -> JsonGet:
    return JsonGet(step_name=evaluation.name, property_file=file, json_path="auc.value")


def fail(name: str = "FraudFail") -> FailStep:
    return FailStep(name=name, error_message="too few found")


def call_lambda(name: str = "FraudCall", inputs=None, depends_on=None) -> LambdaStep:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:fraud-notify"
    return LambdaStep(name, Lambda(function_arn=arn), inputs=inputs or {"bucket": "acme-data"}, depends_on=depends_on)


def callback() -> CallbackStep:
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/fraud-review"
    return CallbackStep("FraudReview", queue, {"reviewers": "2"}, [CallbackOutput("verdict")])


def emr(run: Run) -> EMRStep:
    job = EMRStepConfig("s3://acme-data/jars/fraud.jar", args=["--input", "s3://acme-data/transactions"])
    return EMRStep("FraudEmr", "", "", "j-1A2B3C4D5E6F7", job, execution_role_arn=run.role("emr"))


def emr_serverless(run: Run, **application) -> EMRServerlessStep:
    spark = {"entryPoint": "s3://acme-data/code/spark.py", "entryPointArguments": ["s3://acme-data/transactions"]}
    job = EMRServerlessJobConfig({"sparkSubmit": spark}, run.role("emr"), name="fraud-spark")
    return EMRServerlessStep("FraudSpark", "", "", job, **application)


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


def function(run: Run, name: str = "FraudFunction"):
    settings = {"role": run.role("function"), "image_uri": IMAGE, "instance_type": "ml.m5.large"}

    @step(name=name, display_name=name, description=name, job_name_prefix="fraud-function", **settings)
    def score(amount=1.0):
        return {"auc": amount}

    return score


def endpoint(run: Run) -> list:
    variant = {"VariantName": "AllTraffic", "ModelName": "fraud-model", "InstanceType": "ml.m5.large"}
    variant["InitialInstanceCount"] = 1
    config = run.session.create_endpoint_config("fraud-config", [variant], role=run.role("endpoint"))
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
    return LineageStep("FraudLineage", actions=[ran], artifacts=[made])
