"""What both generators share: no network, the same output each time, and one JSON file for each case."""

import itertools
import json
import logging
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
import time
import uuid
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Callable

REGION = "eu-west-1"
ACCOUNT = "111122223333"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
BUCKET = "acme-pipelines"
EXECUTION_ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipelines/fraud"
# The SDK writes files of its own beside a script that it packs, which must not land in the checkout.
SOURCES = Path(shutil.copytree(Path(__file__).parent / "sources", Path(tempfile.mkdtemp()) / "sources"))
MOMENT = 1767225600.123  # the SDK takes digits of it, so it must have three


def step_role(step: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/steps/fraud-{step}"


@dataclass
class Case:
    """`build` takes the settings of a run, and returns the pipeline's steps, or its steps and parameters."""

    name: str
    types: list
    build: Callable
    roles: str = "shared"
    json_get: bool = False


def _answer(client, operation, arguments):
    """Stands for AWS: an upload succeeds and a bucket exists; any other call is a mistake of ours."""
    bucket = {"Name": BUCKET, "CreationDate": datetime.fromtimestamp(MOMENT, UTC)}
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {"Arn": EXECUTION_ROLE, "AssumeRolePolicyDocument": {"Statement": [trust]}}
    answers = {
        "PutObject": {"ETag": "0"},
        "HeadBucket": {},
        "ListBuckets": {"Buckets": [bucket]},
        "GetCallerIdentity": {"Account": ACCOUNT},
        "SimulatePrincipalPolicy": {"EvaluationResults": []},  # SDK 3 asks whether a role is fit for its job
        "GetRole": {"Role": role},
    }
    if operation not in answers:
        raise RuntimeError(f"the SDK wants to call {operation} of AWS")
    return answers[operation]


def _refuse(*_arguments):
    raise OSError("the generators must not use the network")


def prepare() -> None:
    """Must run before the SDK is imported: it binds some of these names then."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": os.devnull,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": os.devnull,
    }
    os.environ.pop("AWS_PROFILE", None)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import botocore.client

    botocore.client.BaseClient._make_api_call = _answer
    socket.socket.connect = _refuse
    socket.getaddrinfo = _refuse
    time.time = lambda: MOMENT
    secrets.token_hex = lambda size=32: "0" * (2 * size)


def restart_names() -> None:
    """Every case begins its own count of ids, so that a new case changes no other."""
    count = itertools.count(1)
    uuid.uuid4 = lambda: uuid.UUID(int=(4 << 76) | (1 << 63) | next(count))


# A NotebookJob has its name in the definition whether prefixing is on or not.
ALWAYS_NAMED = {"FraudNotebook": "fraud-notebook"}


def _steady(definition: str) -> str:
    """Takes out what differs by machine and by run: the path of a script, a temporary file, and SDK 3's new key."""
    steady = definition.replace(str(SOURCES), "sources")
    steady = re.sub(r"sagemaker_requirements_\w+", "sagemaker_requirements", steady)
    return re.sub(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", "PUBLIC KEY", steady)


def write_all(sdk: str, cases: list, base_names: dict, definition_of: Callable) -> None:
    """Writes each case with prefixing off and on into the folder given on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        for prefixed in (False, True):
            restart_names()
            name = f"{case.name}-{'prefixed' if prefixed else 'default'}"
            result = {
                "name": name,
                "sdk": sdk,
                "definition": _steady(definition_of(case, prefixed)),
                "prefixed": prefixed,
                "stepTypes": case.types,
                "baseNames": base_names if prefixed else ALWAYS_NAMED,
                "stepRoles": case.roles,
                "jsonGet": case.json_get,
            }
            (folder / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
