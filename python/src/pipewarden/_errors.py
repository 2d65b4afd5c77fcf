"""What can go wrong besides findings. Each message says what happened and what to do."""

from __future__ import annotations


class PipewardenError(Exception):
    """The pipeline could not be judged."""


class NodeNotFound(PipewardenError):
    """There is no Node.js to run the command with."""


class NodeTooOld(PipewardenError):
    """The Node.js that was found is older than the command needs."""


class ConfigurationNotFound(PipewardenError):
    """No pipewarden.yaml says what is authorised, so that nothing could be judged."""


class UsageError(PipewardenError):
    """The definition or the configuration is not valid. The message is the command's own, with file and line."""


class CommandFailed(PipewardenError):
    """The command ended in a way that it should not: too late, with too much output, or by a mistake of its own."""
