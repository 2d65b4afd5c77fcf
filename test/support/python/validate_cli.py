"""Holds AWS CLI commands to botocore's models: the service, the operation, the options and those that must be given.

Reads a JSON list of shell scripts from standard input and writes a JSON list with the list of faults of each. The CLI
makes its commands from the same models (https://docs.aws.amazon.com/cli/latest/reference/).
"""

import json
import shlex
import sys

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

GLOBAL = {"query", "output", "region", "profile", "no-cli-pager", "no-paginate", "max-items", "cli-input-json"}
RENAMED = {"s3api": "s3"}
WRITTEN_BY_HAND = {"s3", "configure"}


def commands(script):
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    command = []
    for token in lexer:
        if set(token) <= set("();|&\n"):
            yield command
            command = []
        else:
            command.append(token)
    yield command


def faults(command, loader):
    service, operation, *rest = command[1:]
    if service in WRITTEN_BY_HAND or operation == "wait":
        return
    name = RENAMED.get(service, service)
    if name not in loader.list_available_services("service-2"):
        yield f"there is no service {service}"
        return
    model = ServiceModel(loader.load_service_model(name, "service-2"))
    operations = {xform_name(each, "-"): each for each in model.operation_names}
    if operation not in operations:
        yield f"{service} has no operation {operation}"
        return
    shape = model.operation_model(operations[operation]).input_shape
    members = {xform_name(each, "-"): each for each in (shape.members if shape else {})}
    given = {word[2:].split("=")[0] for word in rest if word.startswith("--")}
    for option in sorted(given - GLOBAL - set(members)):
        if option.removeprefix("no-") not in members:
            yield f"{service} {operation} has no option --{option}"
    required = set(shape.required_members if shape else ())
    for option, member in members.items():
        if member in required and option not in given and "cli-input-json" not in given:
            yield f"{service} {operation} lacks --{option}"


def main():
    loader = Loader()
    answers = [
        [fault for command in commands(script) if command[:1] == ["aws"] for fault in faults(command, loader)]
        for script in json.load(sys.stdin)
    ]
    json.dump(answers, sys.stdout)


main()
