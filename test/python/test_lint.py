"""What lint accepts, and what it answers."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pipewarden
import pytest
from conftest import ROLE, bad, definition, good, step, text_of


def described(steps):
    """What boto3's describe_pipeline answers, with its times."""
    return {
        "PipelineName": "fraud-daily",
        "PipelineArn": "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-daily",
        "RoleArn": ROLE,
        "PipelineDefinition": text_of(steps),
        "CreationTime": datetime(2026, 1, 1),
    }


def test_a_definition_as_dict_as_text_and_in_a_file_has_the_same_findings(rules):
    (rules / "p.json").write_text(text_of(bad()), encoding="utf-8")
    given = [bad(), text_of(bad()), f"\n {text_of(bad())}", "p.json", rules / "p.json", described(bad())]
    told = [[(each.control, each.step, each.status, each.severity) for each in pipewarden.lint(one)] for one in given]
    assert told == [[("pipeline-job-prefix", "Prep", "FAILED", "HIGH")]] * len(given)


def test_a_finding_names_its_step_place_and_remedy_and_the_patch(rules):
    [found] = pipewarden.lint(bad())
    assert found.title == "Every job step carries an authorised base job name"
    assert [(each.at, each.found) for each in found.evidence] == [
        ("/Steps/0/Arguments/ProcessingJobName", "step Prep has no base job name")
    ]
    assert found.remedy.startswith("Step Prep: give it the base job name fraud-prep (or fraud-prep-…). SDK 2 and 3: ")
    assert 'Processor(base_job_name="fraud-prep")' in found.remedy
    assert json.loads(found.patch) == [
        {"op": "add", "path": "/Steps/0/Arguments/ProcessingJobName", "value": "fraud-prep"}
    ]


def test_a_definition_without_fault_has_no_findings(rules):
    findings = pipewarden.lint(good())
    assert (len(findings), bool(findings), findings.configuration) == (0, False, "pipewarden.yaml")
    assert str(findings) == "the definition: nothing found"


def test_the_role_and_name_decide_which_prefixes_may_be_used(rules):
    train = definition(step("Train", "Training", TrainingJobName="fraud-train"))
    assert [each.status for each in pipewarden.lint(train)] == ["NOT_AVAILABLE"]
    assert not pipewarden.lint(train, name="fraud-daily", role_arn=ROLE)
    assert not pipewarden.lint(train, name="fraud-daily")
    assert [each.status for each in pipewarden.lint(train, name="churn-daily")] == ["FAILED"]
    [found] = pipewarden.lint(train, name="churn-daily", role_arn=ROLE)
    assert found.status == "FAILED"


def test_a_folder_is_judged_file_by_file(rules):
    (rules / "pipelines").mkdir()
    for name in ("one", "two"):
        (rules / "pipelines" / f"{name}.json").write_text(text_of(bad()), encoding="utf-8")
    told = [(Path(each.resource).name, each.step) for each in pipewarden.lint("pipelines")]
    assert sorted(told) == [("one.json", "Prep"), ("two.json", "Prep")]


def test_findings_that_the_configuration_suppresses_are_left_out(rules):
    with (rules / "pipewarden.yaml").open("a", encoding="utf-8") as file:
        file.write("suppressions:\n  - control: pipeline-job-prefix\n    resource: p.json\n")
        file.write(f"    reason: tried out\n    expires: {date.today() + timedelta(days=90)}\n")
    (rules / "p.json").write_text(text_of(bad()), encoding="utf-8")
    findings = pipewarden.lint("p.json")
    assert (len(findings), findings.results["summary"]["suppressed"]) == (0, 1)


def test_a_configuration_can_be_named_also_one_like_an_option(rules):
    (rules / "--config=x.yaml").write_text((rules / "pipewarden.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (rules / "pipewarden.yaml").unlink()
    assert pipewarden.lint(bad(), config="--config=x.yaml").configuration == "--config=x.yaml"


@pytest.mark.parametrize("name", ["--help", "-", "--config=p.json", "a b;$(id).json", "$HOME"])
def test_a_file_with_a_name_like_an_option_or_a_command_is_a_file(rules, name):
    (rules / name).write_text(text_of(bad()), encoding="utf-8")
    assert [each.control for each in pipewarden.lint(name)] == ["pipeline-job-prefix"]


def test_without_a_configuration_nothing_is_taken_for_judged(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = r"no pipewarden.yaml was found in .*name one with config="
    with pytest.raises(pipewarden.ConfigurationNotFound, match=told):
        pipewarden.lint(good())


def test_what_the_configuration_lacks_is_told(rules):
    (rules / "pipewarden.yaml").write_text("version: 1\nroles:\n  steps: ['arn:aws:iam::*:role/steps/*']\n", encoding="utf-8")
    findings = pipewarden.lint(good())
    assert findings.not_configured == ("pipeline-job-prefix",)
    assert str(findings).split("\n")[0].endswith("; not judged, as not configured: pipeline-job-prefix")
    assert [(each.control, each.severity) for each in findings] == [("evidence-readable", "INFORMATIONAL")]
    assert findings.breaches() == ()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("{", "not a pipeline definition"),
        ("[]", "a pipeline definition is a JSON object with Steps"),
        ({"Steps": 1}, "the definition has no list of Steps"),
        ("no-such-file.json", "no-such-file.json: cannot be read: there is no such file"),
    ],
)
def test_what_is_no_definition_is_told_with_its_place(rules, wrong, message):
    with pytest.raises(pipewarden.UsageError, match=message):
        pipewarden.lint(wrong)


def test_a_configuration_with_a_mistake_is_told_with_its_place(rules):
    (rules / "pipewarden.yaml").write_text("version: 1\nprefixs: []\n", encoding="utf-8")
    with pytest.raises(pipewarden.UsageError, match="pipewarden.yaml:2:1"):
        pipewarden.lint(good())


@pytest.mark.parametrize("wrong", [None, 7, b"p.json", [good()], {"PipelineName", "x"}])
def test_other_arguments_are_refused(rules, wrong):
    with pytest.raises(TypeError, match="pipeline must be|path must be"):
        pipewarden.lint(wrong)


@pytest.mark.parametrize(
    ("pipeline", "more"),
    [
        (good(), {"role_arn": ROLE}),
        ("p.json", {"role_arn": ROLE, "name": "fraud"}),
        (described(good()), {"role_arn": ROLE, "name": "fraud"}),
    ],
)
def test_a_role_that_would_be_passed_over_is_refused(rules, pipeline, more):
    with pytest.raises(TypeError, match="role_arn="):
        pipewarden.lint(pipeline, **more)


class Odd:
    """Something with a definition() that is no Pipeline of the SDK."""

    def __init__(self, given):
        self.given = given

    def definition(self):
        return self.given


@pytest.mark.parametrize("given", [None, b"{}", {"Steps": []}])
def test_a_definition_that_is_no_text_is_told(rules, given):
    with pytest.raises(TypeError, match=rf"must give a str, not {type(given).__name__}"):
        pipewarden.lint(Odd(given))


def test_a_pipeline_without_a_name_is_judged_as_its_definition(rules):
    assert str(pipewarden.lint(Odd(text_of(good())))) == "the definition: nothing found"


@pytest.mark.parametrize("name", ["a\0b", "a\ud800", "x" * 300_000], ids=["NUL", "surrogate", "long"])
def test_a_name_that_no_program_can_be_given_is_a_wrong_name(rules, name):
    with pytest.raises(pipewarden.UsageError, match="not the name of a pipeline"):
        pipewarden.lint(good(), name=name)


def test_a_path_with_a_nul_names_no_file(rules):
    with pytest.raises(pipewarden.UsageError, match="there is no such file"):
        pipewarden.lint("a\0b.json")


def test_a_text_with_a_lone_surrogate_is_judged(rules):
    text = text_of(good()).replace('"Version"', '"\ud800":1,"Version"', 1)
    [found] = pipewarden.lint(text)
    assert (found.control, found.evidence[0].at) == ("definition-valid", "/\ud800")
