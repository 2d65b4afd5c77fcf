"""Pipeline definitions as SDK 2 writes them: `python definitions.py FOLDER` writes one JSON file for each."""

import offline

offline.prepare()

import boto3  # noqa: E402
from offline import Case, write_all  # noqa: E402
from pipelines_v2 import (  # noqa: E402
    batch, best_of_tuning, chained_functions, chained_models, condition_on_parameter, everything_checked, gate,
    gate_on_function, gate_on_lambda, nested, parameters, recorded, repacked, retried, whole,
)  # fmt: skip
from sagemaker.workflow.pipeline import Pipeline  # noqa: E402
from sagemaker.workflow.pipeline_context import PipelineSession  # noqa: E402
from sagemaker.workflow.pipeline_definition_config import PipelineDefinitionConfig  # noqa: E402
from steps_v2 import (  # noqa: E402
    LOCAL_SCRIPT, Run, automl, create_model, process, register, train, transform, tune, tune_several,
)  # fmt: skip
from steps_v2_other import (  # noqa: E402
    bias_check, callback, emr, emr_own_cluster, endpoint, function, inference_component, lineage, model_quality_check,
    monitored_transform, notebook, quality_check,
)  # fmt: skip


CASES = [
    Case("training", ["Training"], lambda run: [train(run)]),
    Case("training-retried", ["Training"], retried),
    Case("training-spot", ["Training"], recorded),
    Case("processing", ["Processing"], lambda run: [process(run)]),
    Case("processing-local-script", ["Processing"], lambda run: [process(run, code=LOCAL_SCRIPT)]),
    Case("transform", ["Transform"], lambda run: [transform(run)]),
    Case("tuning", ["Tuning"], lambda run: [tune(run)]),
    Case("tuning-several", ["Tuning"], lambda run: [tune_several(run)]),
    Case("automl", ["AutoML"], lambda run: [automl(run)]),
    Case("model", ["Model"], lambda run: [create_model(run)]),
    Case("model-chain", ["Model"], chained_models),
    Case("model-repacked", ["Training", "Training", "Model"], repacked),
    Case("register-group", ["RegisterModel"], lambda run: [register(run)]),
    Case("register-alone", ["RegisterModel"], lambda run: [register(run, "FraudPackage", model_package_name="fraud-package")]),
    Case("quality-check", ["QualityCheck"], lambda run: [quality_check(run)]),
    Case("model-quality-check", ["QualityCheck"], lambda run: [model_quality_check(run)]),
    Case("clarify-check", ["ClarifyCheck"], lambda run: [bias_check(run)]),
    Case("monitored-transform", ["Transform", "QualityCheck"], lambda run: [monitored_transform(run)]),
    Case("condition", ["Condition", "Training", "Fail"], condition_on_parameter),
    Case(
        "condition-nested",
        ["Condition", "Condition", "Condition", "Training", "Fail", "Processing", "Fail"],
        nested,
    ),
    Case("json-get-file", ["Processing", "Condition", "Model", "Fail"], gate, json_get=True),
    Case(
        "json-get-uri",
        ["Condition", "Model", "Fail", "Training"],
        gate_on_function,
        json_get=True,
    ),
    Case("lambda", ["Lambda", "Condition", "Model", "Fail"], gate_on_lambda),
    Case("callback", ["Callback"], lambda _run: [callback()]),
    Case("emr", ["EMR"], lambda run: [emr(run)]),
    Case("emr-own-role", ["EMR"], lambda run: [emr(run)], roles="own"),
    Case("emr-own-cluster", ["EMR"], lambda _run: [emr_own_cluster()]),
    Case("notebook", ["Training"], lambda run: [notebook(run)]),
    Case("function", ["Training"], lambda run: [function(run)()]),
    Case("functions", ["Training", "Training"], chained_functions),
    Case("endpoint", ["EndpointConfig", "Endpoint"], endpoint),
    Case("inference-component", ["InferenceComponent"], lambda run: [inference_component(run)]),
    Case("lineage", ["Lineage"], lambda run: [lineage(run)]),
    Case("whole", ["Processing", "Training", "Processing", "Condition", "RegisterModel", "Fail"], whole, json_get=True),
    Case("whole-own-roles", ["Processing", "Training", "Processing", "Condition", "RegisterModel", "Fail"], whole, "own", True),
    Case("batch", ["Processing", "Model", "Transform", "Callback"], batch),
    Case("best-of-tuning", ["Tuning", "RegisterModel"], best_of_tuning),
    Case(
        "own-roles",
        ["Processing", "QualityCheck", "ClarifyCheck", "Training", "Model", "RegisterModel"],
        everything_checked,
        "own",
    ),
    Case("own-role-automl", ["AutoML"], lambda run: [automl(run)], "own"),
    Case(
        "parameters",
        ["Processing", "Training", "Tuning", "Model", "Transform", "RegisterModel"],
        parameters,
        "parameter",
    ),
]  # fmt: skip


SESSION = PipelineSession(boto_session=boto3.Session(), default_bucket=offline.BUCKET)


# The base job name of each step where prefixing is on; a step that is not here has no name to prefix.
BASE_NAMES = {
    "FraudAuto": "fraud",
    "FraudBias": "fraud-check",
    "FraudEval": "fraud-eval",
    "FraudFirst": "fraud-first",
    "FraudModel-CreateModel": "fraud-model",
    "FraudModelQuality": "fraud-check",
    "FraudModel-RepackModel-fraud-model": "sagemaker-scikit-learn",  # the name of the image that packs
    "FraudMonitored-monitoring": "fraud-check",
    "FraudMonitored-transform": "fraud-score",
    "FraudNotebook": "fraud-notebook",
    "FraudPackage-RegisterModel": "fraud-package",
    "FraudPrep": "fraud-prep",
    "FraudQuality": "fraud-check",
    "FraudScore": "fraud-score",
    "FraudScoreFunction": "score",
    "FraudSecond": "fraud-second",
    "FraudTrain": "fraud-train",
    "FraudTune": "fraud",
}


def definition_of(case: Case, prefixed: bool) -> str:
    built = case.build(Run(SESSION, case.roles))
    steps, parameters = built if isinstance(built, tuple) else (built, [])
    config = PipelineDefinitionConfig(use_custom_job_prefix=prefixed)
    return Pipeline(
        "fraud", parameters=parameters, steps=steps, sagemaker_session=SESSION, pipeline_definition_config=config
    ).definition()


if __name__ == "__main__":
    write_all("2", CASES, BASE_NAMES, definition_of)
