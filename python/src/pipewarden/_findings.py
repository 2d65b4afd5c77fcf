"""The findings on a pipeline: a sequence, a text for terminals, and a table for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, overload

from ._text import sentences, visible

# Gravest first.
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL")
_BREACHES = ("FAILED", "WARNING")
_UNREAD = "NOT_AVAILABLE"
# More than anybody reads in a cell; the rest is counted.
_MOST_ROWS = 200
_MOST_EVIDENCE = 3


@dataclass(frozen=True)
class Evidence:
    """Where something was found (a JSON pointer), what it is, and what it should be."""

    at: str
    found: str
    expected: str


@dataclass(frozen=True)
class Finding:
    """What one control finds on a step, or on the pipeline where `step` is None; `resource` is its ARN or its file."""

    control: str
    status: str
    severity: str
    title: str
    resource: str
    step: str | None
    evidence: tuple[Evidence, ...]
    remedy: str
    patch: str | None

    def __str__(self) -> str:
        first = self.evidence[0].found if self.evidence else self.title
        lines = [f"{self.severity} {self.control}: {first}", *(f"  {each}" for each in sentences(self.remedy))]
        return visible("\n".join(lines))


class Findings(Sequence[Finding]):
    """All open findings that no suppression covers, gravest first. It is empty, and so false, where there are none."""

    def __init__(self, pipeline: str, results: dict[str, Any]) -> None:
        self.pipeline = pipeline
        #: All that the command told, in the form of docs/results.schema.json.
        self.results = results
        found = [_finding(each) for each in results["findings"] if "suppression" not in each]
        is_open = [each for each in found if each.status in (*_BREACHES, _UNREAD)]
        self._findings = tuple(sorted(is_open, key=lambda each: _rank(each.severity)))

    @property
    def configuration(self) -> str | None:
        """The path of the configuration that was applied."""
        return self.results.get("invocation", {}).get("configuration", {}).get("path")

    @property
    def unread(self) -> tuple[Finding, ...]:
        """What could not be judged. It is no pass."""
        return tuple(each for each in self if each.status == _UNREAD)

    @property
    def not_configured(self) -> tuple[str, ...]:
        """The controls that judge nothing, because the configuration lacks a list that they need."""
        return tuple(each["control"] for each in self.results.get("controlsOff", []) if each["why"] == "not-configured")

    def breaches(self, at_least: str = "low") -> tuple[Finding, ...]:
        """The breaches and risks of at least this severity: critical, high, medium, low or informational."""
        wanted = at_least.upper()
        if wanted not in SEVERITIES:
            raise ValueError(f"{at_least!r} is no severity: give one of {', '.join(SEVERITIES).lower()}")
        return tuple(each for each in self if each.status in _BREACHES and _rank(each.severity) <= _rank(wanted))

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        return self._findings[index]

    def __len__(self) -> int:
        return len(self._findings)

    def __str__(self) -> str:
        return "\n".join([visible(self._summary()), *(str(each) for each in self)])

    def __repr__(self) -> str:
        return f"<pipewarden.Findings: {visible(self._summary())}>"

    def _summary(self) -> str:
        counts = [(len([1 for each in self if each.severity == severity]), severity.lower()) for severity in SEVERITIES]
        told = ", ".join(f"{count} {severity}" for count, severity in counts if count) or "nothing found"
        off = f"; not judged, as not configured: {', '.join(self.not_configured)}" if self.not_configured else ""
        return f"{self.pipeline}: {told}{off}"

    def _repr_html_(self) -> str:
        rows = "".join(_row(each) for each in self[:_MOST_ROWS])
        more = f"<p>and {len(self) - _MOST_ROWS} more</p>" if len(self) > _MOST_ROWS else ""
        heads = "".join(f"<th style='text-align:left'>{head}</th>" for head in ("Severity", "Step", "Found", "Remedy"))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if self else ""
        # Notebooks typeset what stands between dollar signs, also within HTML, and names may hold ${…}.
        return f"<div class='tex2jax_ignore mathjax_ignore'><p>{_html(self._summary())}</p>{table}{more}</div>"


def _row(finding: Finding) -> str:
    found = "".join(
        f"<div>{_html(each.found)}</div><div><small>expected {_html(each.expected)}</small></div>"
        f"<div><small>at {_html(each.at)}</small></div>"
        for each in finding.evidence[:_MOST_EVIDENCE]
    )
    more = len(finding.evidence) - _MOST_EVIDENCE
    found += f"<div>and {more} more</div>" if more > 0 else ""
    remedy = "".join(f"<div>{_html(each)}</div>" for each in sentences(finding.remedy))
    patch = f"<details><summary>patch</summary><pre>{_html(finding.patch)}</pre></details>" if finding.patch else ""
    cells = [
        _html(finding.severity if finding.status in _BREACHES else "not known"),
        _html(finding.step or ""),
        f"{found}<div><small>{_html(finding.control)}</small></div>",
        f"{remedy}{patch}",
    ]
    return "<tr>" + "".join(f"<td style='text-align:left;vertical-align:top'>{cell}</td>" for cell in cells) + "</tr>"


def _html(text: str) -> str:
    return escape(visible(text), quote=True)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _finding(told: dict[str, Any]) -> Finding:
    return Finding(
        control=told["control"],
        status=told["status"],
        severity=told["severity"],
        title=told["title"],
        resource=told["resource"]["arn"],
        step=told.get("subject"),
        evidence=tuple(Evidence(each["at"], each["found"], each["expected"]) for each in told["evidence"]),
        remedy=told["remediation"]["text"],
        patch=told["remediation"].get("patch"),
    )
