"""Holds calls of the SageMaker Python SDK to the SDK that is installed: the class, the method and the argument.

Reads a JSON list of calls, such as `Model.register(model_package_name=VALUE)`, from standard input and writes a JSON
list with the fault of each, or null. The SDK's sources are parsed and not imported, because importing takes long.
"""

import ast
import importlib.util
import json
import sys
from pathlib import Path

SDK = Path(importlib.util.find_spec("sagemaker").submodule_search_locations[0])
CONSTRUCTOR = "__init__"


def definitions(kind, name):
    """The functions or classes of that name at the top level of any module of the SDK."""
    for path in SDK.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if f"class {name}" in text or f"def {name}(" in text:
            yield from (node for node in ast.parse(text).body if isinstance(node, kind) and node.name == name)


def takes(function, argument):
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return argument in {each.arg for each in named}


def class_takes(name, method, argument, seen=()):
    """Whether a class of that name, or one that it derives from, has the argument in the method, or as its field."""
    for node in definitions(ast.ClassDef, name):
        functions = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == method]
        fields = [each.target.id for each in node.body if isinstance(each, ast.AnnAssign)]
        if any(takes(each, argument) for each in functions) or (method == CONSTRUCTOR and argument in fields):
            return True
        bases = [each.id for each in node.bases if isinstance(each, ast.Name)]
        if any(base not in seen and class_takes(base, method, argument, (*seen, name)) for base in bases):
            return True
    return False


def fault(call):
    node = ast.parse(call.lstrip("@").replace(", …", "")).body[0].value
    argument = node.keywords[0].arg
    if isinstance(node.func, ast.Attribute):
        name, method = node.func.value.id, node.func.attr
    else:
        name, method = node.func.id, CONSTRUCTOR
    if call.startswith("@"):
        known = any(takes(each, argument) for each in definitions(ast.FunctionDef, name))
    else:
        known = class_takes(name, method, argument)
    return None if known else f"no {argument} in {ast.unparse(node.func)}"


json.dump([fault(call) for call in json.load(sys.stdin)], sys.stdout)
