"""Turns what a caller has of a pipeline into what the command reads: a path, or a text for its standard input."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STDIN = "-"


@dataclass(frozen=True)
class Source:
    """The arguments for the command, of which the last is a path or `-`, and the text of its standard input."""

    arguments: tuple[str, ...]
    stdin: bytes
    shown: str


def source_of(pipeline: Any, role_arn: str | None, name: str | None) -> Source:
    """`pipeline` is a Pipeline of the SDK, a definition as text or mapping, DescribePipeline's output, or a path."""
    definition = getattr(pipeline, "definition", None)
    if callable(definition):
        text = definition()
        if not isinstance(text, str):
            raise TypeError(f"definition() of a Pipeline must give a str, not {type(text).__name__}")
        own = getattr(pipeline, "name", None)
        return _from_text(text, role_arn, name or (None if own is None else str(own)))
    if isinstance(pipeline, Mapping):
        if "PipelineDefinition" in pipeline:
            _refuse(role_arn, name, "the output of describe_pipeline")
            return _described(pipeline, str(pipeline.get("PipelineName", "the pipeline")))
        return _from_text(json.dumps(pipeline), role_arn, name)
    if isinstance(pipeline, str) and pipeline.lstrip()[:1] in ("{", "["):
        return _from_text(pipeline, role_arn, name)
    if isinstance(pipeline, (str, os.PathLike)):
        _refuse(role_arn, name, "a file: give the text of the definition")
        path = os.fspath(pipeline)
        if not isinstance(path, str):
            raise TypeError("a path must be a str or a pathlib.Path")
        # The command takes `-` as its standard input.
        return Source(("--", os.path.join(os.curdir, path) if path == STDIN else path), b"", path)
    raise TypeError(
        "a pipeline must be a Pipeline of the SageMaker Python SDK, its definition as str or dict, the output of "
        f"describe_pipeline, or a path; not {type(pipeline).__name__}"
    )


def _from_text(text: str, role_arn: str | None, name: str | None) -> Source:
    if role_arn is None:
        told = () if name is None else (f"--pipeline-name={name}",)
        # JSON escapes a lone surrogate as Python does.
        return Source((*told, "--", STDIN), text.encode(errors="backslashreplace"), name or "the definition")
    if name is None:
        raise TypeError("role_arn= needs name= beside it where the pipeline is no Pipeline of the SDK")
    return _described({"PipelineName": name, "RoleArn": role_arn, "PipelineDefinition": text}, name)


def _described(pipeline: Mapping[str, Any], shown: str) -> Source:
    # boto3 tells times as datetime objects.
    return Source(("--", STDIN), json.dumps(dict(pipeline), default=str).encode(), shown)


def _refuse(role_arn: str | None, name: str | None, what: str) -> None:
    if role_arn is not None or name is not None:
        raise TypeError(f"role_arn= and name= cannot be given for {what}")
