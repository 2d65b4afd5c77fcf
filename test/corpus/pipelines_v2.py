"""The pipelines of the corpus that have more than one step, or one with more than its least, with SDK 2."""

from dataclasses import replace

from offline import EXECUTION_ROLE, SOURCES
from sagemaker.pipeline import PipelineModel
from sagemaker.workflow.functions import Join
from sagemaker.workflow.parameters import ParameterFloat, ParameterString
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from steps_v2 import Run, create_model, evaluate, model, process, register, train, transform, tune
from steps_v2_other import bias_check, call_lambda, callback, fail, function, quality_check, score_of, when


def retried(run: Run):
    policies = [
        SageMakerJobStepRetryPolicy([SageMakerJobExceptionTypeEnum.CAPACITY_ERROR], max_attempts=12),
        StepRetryPolicy([StepExceptionTypeEnum.THROTTLING], max_attempts=3),
    ]
    return [train(run, retry_policies=policies)]


def recorded(run: Run):
    """Checkpoints and spot: more S3 references of a training job."""
    more = {"checkpoint_s3_uri": "s3://acme-output/checkpoints", "use_spot_instances": True, "max_wait": 86400}
    return [train(run, **more)]


def chained_models(run: Run):
    containers = [model(run, name=name) for name in ("fraud-clean", "fraud-guess")]
    both = PipelineModel(containers, role=run.role("model"), name="fraud-model", sagemaker_session=run.session)
    return [create_model(run, of=both)]


def repacked(run: Run):
    """A model with a script of its own brings a Training step that packs both together."""
    trained = train(run)
    data = trained.properties.ModelArtifacts.S3ModelArtifacts
    return [trained, create_model(run, of=model(run, data, source_dir=str(SOURCES), entry_point="score.py"))]


def condition_on_parameter(run: Run):
    wanted = ParameterFloat("Wanted", default_value=0.9)
    return [when("FraudGate", wanted, [train(run)], [fail()])], [wanted]


def nested(run: Run):
    wanted = ParameterFloat("Wanted", default_value=0.9)
    inner = when("FraudInner", wanted, [when("FraudInmost", wanted, [train(run)], [fail("FraudDeep")])], [])
    return [when("FraudOuter", wanted, [inner, process(run)], [fail()])], [wanted]


def property_file():
    return PropertyFile(name="Scores", output_name="result", path="scores.json")


def gate(run: Run):
    file = property_file()
    evaluation = evaluate(run, "s3://acme-output/fraud", [file])
    return [evaluation, when("FraudGate", score_of(evaluation, file), [create_model(run)], [fail()])]


def gate_on_function(run: Run):
    """The result of a function is read from S3: JsonGet in its other form."""
    scored = function(run)(0.5)
    return [when("FraudGate", scored["auc"], [create_model(run)], [fail()])]


def gate_on_lambda(run: Run):
    called = call_lambda()
    return [called, when("FraudGate", called.properties.Outputs["score"], [create_model(run)], [fail()])]


def whole(run: Run):
    file = property_file()
    prepared = process(run)
    result = prepared.properties.ProcessingOutputConfig.Outputs["result"].S3Output.S3Uri
    trained = train(run, inputs={"train": result})
    data = trained.properties.ModelArtifacts.S3ModelArtifacts
    evaluation = evaluate(run, data, [file])
    registered = register(run, of=model(run, data))
    return [prepared, trained, evaluation, when("FraudGate", score_of(evaluation, file), [registered], [fail()])]


def batch(run: Run):
    created = create_model(run)
    return [process(run), created, transform(run, model_name=created.properties.ModelName), callback()]


def best_of_tuning(run: Run):
    tuned = tune(run)
    best = tuned.get_top_model_s3_uri(top_k=0, s3_bucket="acme-output", prefix="fraud")
    return [tuned, register(run, of=model(run, best))]


def everything_checked(run: Run):
    return [process(run), quality_check(run), bias_check(run), train(run), create_model(run), register(run)]


def chained_functions(run: Run):
    first = function(run, "FraudFirst", job_name_prefix="fraud-first")
    return [function(run, "FraudSecond", job_name_prefix="fraud-second")(first(0.5))]


def parameters(run: Run):
    role = ParameterString("Role", default_value=run.role_value)
    bucket = ParameterString("Bucket", default_value="acme-data")
    output = ParameterString("OutputBucket", default_value="acme-output")
    instance = ParameterString("InstanceType", default_value="ml.m5.xlarge")
    image = ParameterString("Image", default_value=run.image)
    key = ParameterString("KmsKey", default_value="alias/acme-fraud")
    run.role_value, run.instance, run.image, run.kms_key = role, instance, image, key
    run.data = Join(on="/", values=["s3:/", bucket, "transactions"])
    run.output = Join(on="/", values=["s3:/", output, "fraud"])
    # Model.create() fails where the role is a parameter.
    created = create_model(replace(run, role_value=EXECUTION_ROLE))
    steps = [process(run), train(run), tune(run), created, transform(run), register(run)]
    return steps, [role, bucket, output, instance, image, key]
