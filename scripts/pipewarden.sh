#!/usr/bin/env bash
# The command of this checkout, which is built first where it is not: for the action and the pre-commit hook, which have a
# checkout alone. npm brings the Node that it runs on.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ -f "$root/dist/cli/pipewarden.mjs" ] || (cd "$root" && npm ci --no-audit --no-fund) >&2
export PATH="$root/node_modules/.bin:$PATH"
exec node "$root/dist/cli/pipewarden.mjs" "$@"
