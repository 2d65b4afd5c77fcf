"""Holds Python code to its grammar, and its calls of boto3's clients to botocore's models: the operation and its parameters.

Reads a JSON list of texts from standard input and writes a JSON list with the list of faults of each. boto3 makes its
clients from the same models (https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html).
"""

import ast
import json
import sys

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel


def service_of(node, clients):
    """The service of `boto3.client("iam")`, or of a variable that holds such a client."""
    if isinstance(node, ast.Name):
        return clients.get(node.id)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "boto3.client":
        return node.args[0].value
    return None


def faults(text, loader):
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [f"line {error.lineno}: {error.msg}"]
    clients = {}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and service_of(node.value, {}):
            clients[node.targets[0].id] = service_of(node.value, {})
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        service = service_of(node.func.value, clients)
        if service is not None:
            found += call_faults(service, node, loader)
    return found


def call_faults(service, call, loader):
    if service not in loader.list_available_services("service-2"):
        return [f"there is no service {service}"]
    model = ServiceModel(loader.load_service_model(service, "service-2"))
    operations = {xform_name(each): each for each in model.operation_names}
    method = call.func.attr
    if method not in operations:
        return [f"{service} has no method {method}"]
    shape = model.operation_model(operations[method]).input_shape
    members = set(shape.members) if shape else set()
    given = {keyword.arg for keyword in call.keywords}
    unknown = [f"{service}.{method} has no parameter {each}" for each in sorted(given - members)]
    missing = sorted(set(shape.required_members if shape else ()) - given)
    return unknown + [f"{service}.{method} lacks {each}" for each in missing]


loader = Loader()
json.dump([faults(text, loader) for text in json.load(sys.stdin)], sys.stdout)
