"""The assertion for tests."""

from __future__ import annotations

import os
from typing import Any

from ._findings import Findings
from ._lint import lint
from ._text import visible

_MOST_TOLD = 50


class NotCompliant(AssertionError):
    """The pipeline breaks a rule, or a rule could not be judged. `findings` has all that was found."""

    def __init__(self, message: str, findings: Findings) -> None:
        super().__init__(message)
        self.findings = findings


def assert_compliant(
    pipeline: Any,
    *,
    role_arn: str | None = None,
    name: str | None = None,
    config: str | os.PathLike[str] | None = None,
    fail_on: str = "low",
    unread: str = "fail",
    timeout: float = 120,
) -> None:
    """Raises NotCompliant, an AssertionError, where a control finds a breach or risk of at least `fail_on` (critical,
    high, medium, low, informational), or could not judge (`unread="ok"` lets that pass). The others are as for lint.
    """
    __tracebackhide__ = True
    if unread not in ("ok", "fail"):
        raise ValueError(f"unread must be 'ok' or 'fail', not {unread!r}")
    findings = lint(pipeline, role_arn=role_arn, name=name, config=config, timeout=timeout)
    breaches = findings.breaches(fail_on)
    unknown = findings.unread if unread == "fail" else ()
    if not breaches and not unknown:
        return
    parts = [f"breaks {_count(len(breaches), 'rule')}"] if breaches else []
    parts += [f"{_count(len(unknown), 'rule')} could not be judged"] if unknown else []
    told = [str(each) for each in (*breaches, *unknown)]
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    head = f"pipeline {visible(findings.pipeline)} {'; '.join(parts)} ({visible(str(findings.configuration))})"
    raise NotCompliant("\n".join([head, *told[:_MOST_TOLD], *more]), findings)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
