"""The assertion for tests."""

import pipewarden
import pytest
from conftest import ROLE, bad, definition, good, step


def test_a_pipeline_that_keeps_the_rules_passes(rules):
    assert pipewarden.assert_compliant(good(), name="fraud-daily", role_arn=ROLE) is None


def test_a_breach_is_an_assertion_error_that_says_step_and_remedy(rules):
    with pytest.raises(AssertionError) as caught:
        pipewarden.assert_compliant(bad(), name="fraud-daily", role_arn=ROLE)
    lines = str(caught.value).split("\n")
    assert lines[0] == "pipeline fraud-daily breaks 1 rule (pipewarden.yaml)"
    assert lines[1] == "HIGH pipeline-job-prefix: step Prep has no base job name"
    assert lines[2:4] == [
        "  Step Prep: give it the base job name fraud-prep (or fraud-prep-…).",
        '  SDK 2 and 3: Processor(base_job_name="fraud-prep").',
    ]
    assert [each.step for each in caught.value.findings] == ["Prep"]


def test_what_could_not_be_judged_fails_unless_that_is_ok(rules):
    train = definition(step("Train", "Training", TrainingJobName="fraud-train"))
    with pytest.raises(pipewarden.NotCompliant, match="1 rule could not be judged"):
        pipewarden.assert_compliant(train)
    pipewarden.assert_compliant(train, unread="ok")


def test_breaches_below_the_severity_pass(rules):
    long = definition(step(ProcessingJobName="fraud-prep-" + "x" * 30))
    with pytest.raises(pipewarden.NotCompliant, match="MEDIUM job-prefix-length"):
        pipewarden.assert_compliant(long)
    pipewarden.assert_compliant(long, fail_on="high")


def test_at_most_fifty_findings_are_told(rules):
    many = definition(*(step(f"Prep{number}", ProcessingJobName="scratch") for number in range(70)))
    with pytest.raises(pipewarden.NotCompliant) as caught:
        pipewarden.assert_compliant(many)
    assert str(caught.value).endswith("\nand 20 more")
    assert len(caught.value.findings) == 70


@pytest.mark.parametrize("wrong", [{"fail_on": "grave"}, {"unread": "maybe"}])
def test_wrong_options_are_refused(rules, wrong):
    with pytest.raises(ValueError, match="grave|maybe"):
        pipewarden.assert_compliant(good(), **wrong)
