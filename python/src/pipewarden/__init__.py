"""Judges SageMaker pipelines against the rules of pipewarden.yaml before they are uploaded."""

from __future__ import annotations

from ._compliance import NotCompliant, assert_compliant
from ._errors import (
    CommandFailed,
    ConfigurationNotFound,
    NodeNotFound,
    NodeTooOld,
    PipewardenError,
    UsageError,
)
from ._findings import Evidence, Finding, Findings
from ._lint import lint

__all__ = [
    "CommandFailed",
    "ConfigurationNotFound",
    "Evidence",
    "Finding",
    "Findings",
    "NodeNotFound",
    "NodeTooOld",
    "NotCompliant",
    "PipewardenError",
    "UsageError",
    "assert_compliant",
    "lint",
]
