"""Holds Terraform code to the grammar of HCL.

Reads a JSON list of texts from standard input and writes a JSON list with the list of faults of each.
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import json
import sys

import hcl2


def faults(text):
    try:
        hcl2.loads(text + "\n")
    except Exception as error:  # the parser and its lexer throw classes of their own
        return [str(error).splitlines()[0]]
    return []


json.dump([faults(text) for text in json.load(sys.stdin)], sys.stdout)
