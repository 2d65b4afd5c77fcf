"""
moto's server, as close to AWS as the tests need it. Its arguments: the account of unknown credentials, how much a page of IAM
holds (0: everything), then moto's own.
"""

import json
import os
import re
import sys
import threading

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.dynamodb.responses import DynamoHandler
from moto.events.utils import EventTemplateParser
from moto.iam import models as iam
from moto.iam.responses import IamResponse
from moto.kms import models as kms
from moto.organizations import models as organizations
from moto.organizations import responses
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse
from moto.server import main

# Few, as GetAccountAuthorizationDetails gives all of those that are loaded.
AWS_POLICIES = ["AdministratorAccess"]


LISTS_OF_IAM = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"]


def leave_with_parent() -> None:
    """Ends the server when its standard input closes: that happens however the process that started it dies."""
    sys.stdin.buffer.read()
    os._exit(0)


def account_of_unknown_credentials(account: str) -> None:
    """Unlike MOTO_ACCOUNT_ID, leaves the credentials of an assumed role to that role's account."""
    iam.DEFAULT_ACCOUNT_ID = account


def load_aws_policies() -> None:
    every = json.loads(iam.aws_managed_policies_data)
    iam.aws_managed_policies_data = json.dumps({name: every[name] for name in AWS_POLICIES})
    iam.load_iam_aws_managed_policies = lambda: True


def ids_by_choice() -> None:
    """An account whose name, and a key whose description, is an id gets that id: moto makes up others."""
    make_account = organizations.FakeAccount.__init__
    make_key = kms.Key.__init__

    def account(self, organization, **given) -> None:
        make_account(self, organization, **given)
        if re.fullmatch(r"\d{12}", self.name):
            self.id = self.name

    def key(self, *given, **named) -> None:
        make_key(self, *given, **named)
        if re.fullmatch(r"[0-9a-f-]{36}", self.description):
            self.arn = self.arn.replace(self.id, self.description)
            self.id = self.description

    organizations.FakeAccount.__init__ = account
    kms.Key.__init__ = key


def one_write_at_a_time() -> None:
    """DynamoDB holds a condition and its write together; moto's threads would let another in between."""
    lock, call_action = threading.RLock(), DynamoHandler.call_action

    def locked(self):
        with lock:
            return call_action(self)

    DynamoHandler.call_action = locked


def events_as_they_are() -> None:
    """No target here has a template, which moto would want another package for."""

    def parse(input_template, input_paths_map, event):
        return {name: value for name, value in event.items() if name != "ingestion-time"}

    EventTemplateParser.parse = staticmethod(parse)


def members_read_their_organization() -> None:
    """As a delegated administrator may; moto lets the management account alone."""

    def backend(self):
        backends = organizations.organizations_backends
        management, _ = backends.master_accounts.get(self.current_account, (self.current_account, None))
        return backends[management][self.partition]

    responses.OrganizationsResponse.organizations_backend = property(backend)


def steps_of_executions() -> None:
    """moto runs no steps. The jobs that a test says an execution has started are tags of it: the ARN, and the step's name."""
    told: dict[str, list[dict[str, str]]] = {}
    add_tags = SageMakerResponse.add_tags

    def add(self):
        arn = self._get_param("ResourceArn")
        if "/execution/" not in arn:
            return add_tags(self)
        told.setdefault(arn, []).extend(self._get_param("Tags"))
        return ActionResult({"Tags": told[arn]})

    def listed(self):
        arn = self._get_param("PipelineExecutionArn")
        self.sagemaker_backend.describe_pipeline_execution(arn)
        steps = [
            {
                "StepName": tag["Value"],
                "StepStatus": "Executing",
                "Metadata": {"TrainingJob": {"Arn": tag["Key"]}},
                "AttemptCount": 1,
            }
            for tag in told.get(arn, [])
        ]
        return ActionResult({"PipelineExecutionSteps": steps})

    SageMakerResponse.add_tags = add
    SageMakerResponse.list_pipeline_execution_steps = listed


def updates_are_dated() -> None:
    """SageMaker dates each update of a pipeline, by which an auditor knows what it must read again; moto keeps the first date."""
    update_pipeline = SageMakerModelBackend.update_pipeline

    def update(self, pipeline_name, **given):
        arn = update_pipeline(self, pipeline_name, **given)
        self.pipelines[pipeline_name].last_modified_time = utcnow()
        return arn

    SageMakerModelBackend.update_pipeline = update


def pages_of_iam(size: int) -> None:
    """IAM may list fewer than it is asked for; moto lists all of an account at once."""
    listed = IamResponse.get_account_authorization_details

    def page(self):
        answer = listed(self).result
        every = [(name, each) for name in LISTS_OF_IAM for each in answer[name]]
        start = int(self._get_param("Marker") or 0)
        of_page = every[start : start + size]
        lists = {name: [each for of, each in of_page if of == name] for name in LISTS_OF_IAM}
        is_last = start + size >= len(every)
        more = {} if is_last else {"Marker": str(start + size)}
        return ActionResult({**lists, "IsTruncated": not is_last, **more})

    IamResponse.get_account_authorization_details = page


if __name__ == "__main__":
    threading.Thread(target=leave_with_parent, daemon=True).start()
    account_of_unknown_credentials(sys.argv[1])
    load_aws_policies()
    ids_by_choice()
    members_read_their_organization()
    one_write_at_a_time()
    events_as_they_are()
    steps_of_executions()
    updates_are_dated()
    if page := int(sys.argv[2]):
        pages_of_iam(page)
    main(sys.argv[3:])
