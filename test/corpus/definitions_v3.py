"""Pipeline definitions as SDK 3 writes them: `python definitions_v3.py FOLDER` writes one JSON file for each."""

from dataclasses import replace

import offline

offline.prepare()

import boto3  # noqa: E402
from offline import Case, write_all  # noqa: E402
from sagemaker.core.workflow.functions import Join  # noqa: E402
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterString  # noqa: E402
from sagemaker.core.workflow.pipeline_context import PipelineSession  # noqa: E402
from sagemaker.core.workflow.pipeline_definition_config import PipelineDefinitionConfig  # noqa: E402
from sagemaker.core.workflow.properties import PropertyFile  # noqa: E402
from sagemaker.mlops.workflow.cleanup_step import CleanupStep, S3CleanupSource  # noqa: E402
from sagemaker.mlops.workflow.for_each_step import (  # noqa: E402
    CurrentItem,
    ForEachSelector,
    ForEachStep,
    IterationOutput,
)
from sagemaker.mlops.workflow.pipeline import Pipeline  # noqa: E402
from sagemaker.mlops.workflow.step_dependency import StepDependency, TriggerCondition  # noqa: E402
from steps_v3 import (  # noqa: E402
    LOCAL_SCRIPT, Run, create_model, evaluate, job, process, register, train, transform, tune,
)  # fmt: skip
from steps_v3_other import (  # noqa: E402
    bias_check, call_lambda, callback, emr, emr_serverless, endpoint, fail, function, inference_component, lineage,
    notebook, quality_check, score_of, when,
)  # fmt: skip


def gate(run: Run):
    file = PropertyFile(name="Scores", output_name="result", path="scores.json")
    evaluation = evaluate(run, "s3://acme-output/fraud", [file])
    return [evaluation, when("FraudGate", score_of(evaluation, file), [create_model(run)], [fail()])]


def gate_on_function(run: Run):
    scored = function(run)(0.5)
    return [when("FraudGate", scored["auc"], [create_model(run)], [fail()])]


def nested(run: Run):
    wanted = ParameterFloat("Wanted", default_value=0.9)
    inner = when("FraudInner", wanted, [train(run)], [fail("FraudDeep")])
    return [when("FraudOuter", wanted, [inner, process(run)], [fail()])], [wanted]


def for_each(run: Run):
    """The steps of the body are in ForEachBody, as those of a Condition are in its branches."""
    body = [process(run, source=CurrentItem().uri), train(run, data=CurrentItem()["data"])]
    best = IterationOutput(body[1]).FinalMetricDataList[0].Value
    repeated = ForEachStep("FraudEach", ['{"uri":"s3://acme-data/a","data":"s3://acme-data/b"}'], 2, body)
    repeated.selector = ForEachSelector("MaxBy", best)
    found = repeated.properties.Selected.ModelArtifacts.S3ModelArtifacts
    # A Lambda, because the other makers copy what they are given, and a reference to a ForEach cannot be copied.
    return [repeated, call_lambda(inputs={"best": found})]


def cleaned(run: Run):
    """A step that runs whatever becomes of the one before: its DependsOn holds an object."""
    trained = train(run)
    told = call_lambda(depends_on=[StepDependency(trained, TriggerCondition.FAILED)])
    after = StepDependency(trained, TriggerCondition.ANY)
    return [trained, told, CleanupStep("FraudCleanup", [S3CleanupSource(trained)], depends_on=[after])]


def whole(run: Run):
    file = PropertyFile(name="Scores", output_name="result", path="scores.json")
    prepared = process(run)
    trained = train(run, data=prepared.properties.ProcessingOutputConfig.Outputs["result"].S3Output.S3Uri)
    data = trained.properties.ModelArtifacts.S3ModelArtifacts
    evaluation = evaluate(run, data, [file])
    return [prepared, trained, evaluation, when("FraudGate", score_of(evaluation, file), [register(run, data=data)], [fail()])]


def parameters(run: Run):
    role = ParameterString("Role", default_value=run.role_value)
    bucket = ParameterString("Bucket", default_value="acme-data")
    instance = ParameterString("InstanceType", default_value="ml.m5.xlarge")
    image = ParameterString("Image", default_value=run.image)
    run.role_value, run.instance, run.image = role, instance, image
    run.data = Join(on="/", values=["s3:/", bucket, "transactions"])
    # A ModelTrainer takes no parameter for its role.
    trained = train(replace(run, role_value=offline.EXECUTION_ROLE))
    return [process(run), trained, transform(run)], [role, bucket, instance, image]


WHOLE = ["Processing", "Training", "Processing", "Condition", "RegisterModel", "Fail"]
CASES = [
    Case("training", ["Training"], lambda run: [train(run)]),
    Case("processing", ["Processing"], lambda run: [process(run)]),
    Case("processing-local-script", ["Processing"], lambda run: [process(run, code=LOCAL_SCRIPT)]),
    Case("transform", ["Transform"], lambda run: [transform(run)]),
    Case("tuning", ["Tuning"], lambda run: [tune(run)]),
    Case("model", ["Model"], lambda run: [create_model(run)]),
    Case("register-group", ["RegisterModel"], lambda run: [register(run)]),
    Case("register-alone", ["RegisterModel"], lambda run: [register(run, "FraudPackage", model_package_name="fraud-package")]),
    Case("quality-check", ["QualityCheck"], lambda run: [quality_check(run)]),
    Case("clarify-check", ["ClarifyCheck"], lambda run: [bias_check(run)]),
    Case("json-get-file", ["Processing", "Condition", "Model", "Fail"], gate, json_get=True),
    Case("json-get-uri", ["Condition", "Model", "Fail", "Training"], gate_on_function, json_get=True),
    Case("condition-nested", ["Condition", "Condition", "Training", "Fail", "Processing", "Fail"], nested),
    Case("lambda", ["Lambda"], lambda _run: [call_lambda()]),
    Case("callback", ["Callback"], lambda _run: [callback()]),
    Case("emr", ["EMR"], lambda run: [emr(run)]),
    Case("emr-serverless", ["EMRServerless"], lambda run: [emr_serverless(run, application_id="00f1abcdefgh1234")]),
    Case(
        "emr-serverless-own-role",
        ["EMRServerless"],
        lambda run: [emr_serverless(run, application_config={"releaseLabel": "emr-7.5.0", "type": "SPARK"})],
        "own",
    ),
    Case("notebook", ["Training"], lambda run: [notebook(run)]),
    Case("function", ["Training"], lambda run: [function(run)()]),
    Case("endpoint", ["EndpointConfig", "Endpoint"], endpoint),
    Case("inference-component", ["InferenceComponent"], lambda run: [inference_component(run)]),
    Case("lineage", ["Lineage"], lambda run: [lineage(run)]),
    Case("job", ["Job"], lambda run: [job(run)]),
    Case("for-each", ["ForEach", "Processing", "Training", "Lambda"], for_each),
    Case("cleanup", ["Training", "Lambda", "Cleanup"], cleaned),
    Case("whole", WHOLE, whole, json_get=True),
    Case("whole-own-roles", WHOLE, whole, "own", True),
    Case("parameters", ["Processing", "Training", "Transform"], parameters, "parameter"),
]

SESSION = PipelineSession(boto_session=boto3.Session(), default_bucket=offline.BUCKET)


# The base job name of each step where prefixing is on. SDK 3.27.0 writes none for a ModelTrainer and a tuner, and
# passes over the one of a CheckJobConfig; the name of a Job keeps the time at which the definition was made.
BASE_NAMES = {
    "FraudBias": "clarify-job",
    "FraudEval": "fraud-eval",
    "FraudFunction": "fraud-function",
    "FraudJob": "fraud-job-20260101000000",
    "FraudModel": "fraud-model",
    "FraudNotebook": "fraud-notebook",
    "FraudPackage": "fraud-package",
    "FraudPrep": "fraud-prep",
    "FraudQuality": "baseline-job",
    "FraudScore": "fraud-score",
}


def definition_of(case: Case, prefixed: bool) -> str:
    built = case.build(Run(SESSION, case.roles))
    steps, parameters = built if isinstance(built, tuple) else (built, [])
    config = PipelineDefinitionConfig(use_custom_job_prefix=prefixed)
    return Pipeline(
        "fraud", parameters=parameters, steps=steps, sagemaker_session=SESSION, pipeline_definition_config=config
    ).definition()


if __name__ == "__main__":
    write_all("3", CASES, BASE_NAMES, definition_of)
