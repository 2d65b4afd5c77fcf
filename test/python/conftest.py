"""What the tests of the Python package share. They run where the wheel and one SageMaker SDK are installed."""

import json
import os

import pytest

# The SDK wants a Region, and must reach nothing.
os.environ |= {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": os.devnull,
    "SAGEMAKER_USER_CONFIG_OVERRIDE": os.devnull,
}

ROLE = "arn:aws:iam::111122223333:role/pipelines/fraud"
STEP_ROLE = "arn:aws:iam::111122223333:role/steps/fraud-train"
RULES = """version: 1
prefixes:
  - prefix: fraud-train
    stepTypes: [Training]
    pipelines: [fraud-*]
  - prefix: fraud-prep
    stepTypes: [Processing]
roles:
  execution: ["arn:aws:iam::111122223333:role/pipelines/*"]
  steps: ["arn:aws:iam::111122223333:role/steps/*"]
"""


@pytest.fixture
def rules(tmp_path, monkeypatch):
    """A working directory with a configuration."""
    (tmp_path / "pipewarden.yaml").write_text(RULES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def step(name="Prep", kind="Processing", **arguments):
    return {"Name": name, "Type": kind, "Arguments": {"RoleArn": STEP_ROLE, **arguments}}


def definition(*steps):
    return {"Version": "2020-12-01", "Parameters": [], "Steps": list(steps)}


def good():
    return definition(step(ProcessingJobName="fraud-prep"))


def bad():
    return definition(step())


def text_of(steps):
    return json.dumps(steps)
