"""Validates AWS Security Finding Format findings against botocore's own Security Hub model.

Reads a JSON list of findings from standard input and writes a JSON list with the list of faults of each. Besides
botocore's ParamValidator (types, required and unknown members, list sizes) it holds the findings to the enums and
patterns of the model, and to the limits on lengths and counts that the model only has in its documentation texts.
"""

import html
import json
import re
import sys

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator


def documented_limits(shape):
    text = html.unescape(re.sub("<[^>]+>", " ", shape.documentation or ""))
    number = lambda pattern: next((int(found) for found in re.findall(pattern, text)), None)
    return {
        "shortest": number(r"Minimum (?:length )?of (\d+)(?! items?)"),
        "longest": number(r"Maximum (?:length )?of (\d+)(?! items?)"),
        "most": number(r"(?:Maximum number of|[Uu]p to) (\d+) (?:items|key-value)"),
    }


def faults(value, shape, path):
    limits = documented_limits(shape)
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from faults(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name in ("list", "map"):
        if limits["most"] is not None and len(value) > limits["most"]:
            yield f"{path} has {len(value)} items"
        if shape.type_name == "list":
            for index, item in enumerate(value):
                yield from faults(item, shape.member, f"{path}[{index}]")
        else:
            for key, item in value.items():
                yield from faults(key, shape.key, f"{path} key")
                yield from faults(item, shape.value, f"{path}[{key}]")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path} is none of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            yield f"{path} does not match {pattern}"
        if limits["shortest"] is not None and len(value) < limits["shortest"]:
            yield f"{path} is shorter than {limits['shortest']}"
        if limits["longest"] is not None and len(value) > limits["longest"]:
            yield f"{path} is longer than {limits['longest']}"


def main():
    model = ServiceModel(Loader().load_service_model("securityhub", "service-2"))
    request = model.operation_model("BatchImportFindings").input_shape
    finding_shape = request.members["Findings"].member
    answers = []
    for finding in json.load(sys.stdin):
        report = ParamValidator().validate({"Findings": [finding]}, request)
        if report.has_errors():
            answers.append(report.generate_report().splitlines())
        else:
            answers.append(list(faults(finding, finding_shape, "finding")))
    json.dump(answers, sys.stdout)


main()
