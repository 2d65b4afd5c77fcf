"""Judges one pipeline."""

from __future__ import annotations

import json
import os
from typing import Any

from ._command import run
from ._errors import CommandFailed, ConfigurationNotFound, UsageError
from ._findings import Findings
from ._source import source_of
from ._text import visible

_USAGE = 2
_LONGEST_MESSAGE = 4000


def lint(
    pipeline: Any,
    *,
    role_arn: str | None = None,
    name: str | None = None,
    config: str | os.PathLike[str] | None = None,
    timeout: float = 120,
) -> Findings:
    """The findings on a pipeline.

    `pipeline` is a Pipeline of the SageMaker Python SDK, its definition as a str or dict, the output of
    describe_pipeline, or the path of a file with one of these. `role_arn` is the execution role with which it will be
    uploaded, and `name` the name of a pipeline that is given as its definition: both decide which prefixes it may use.
    `config` is the configuration; without it, the nearest
    pipewarden.yaml is taken, from the working directory up to the root of its git repository. `timeout` is in seconds.

    Raises ConfigurationNotFound, UsageError for a definition or configuration that is not valid, NodeNotFound,
    NodeTooOld or CommandFailed, all of which are PipewardenErrors, and TypeError for other arguments.
    """
    source = source_of(pipeline, role_arn, name)
    options = ["--format", "json", "--fail-on", "none", "--unread", "ok", "--quiet"]
    if config is not None:
        options.append(f"--config={os.fspath(config)}")
    ended = run(["lint", *options, *source.arguments], source.stdin, timeout)
    message = visible(ended.stderr.decode(errors="replace")[:_LONGEST_MESSAGE].strip())
    if ended.status == _USAGE:
        raise UsageError(message.removeprefix("pipewarden: "))
    if ended.status != 0:
        raise CommandFailed(f"the command ended with status {ended.status}: {message}")
    findings = Findings(source.shown, json.loads(ended.stdout))
    if findings.configuration is None:
        raise ConfigurationNotFound(
            f"no pipewarden.yaml was found in {os.getcwd()} or above it in its git repository, so that nothing says "
            "what is authorised: name one with config=, or write one (`pipewarden init`)."
        )
    return findings
