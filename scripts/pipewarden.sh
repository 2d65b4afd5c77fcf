#!/usr/bin/env bash
# The command of this checkout, which is built first where it is not: for the action and the pre-commit hook, which have a
# checkout alone. npm brings the Node that it runs on.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ -f "$root/dist/cli/pipewarden.mjs" ] || (cd "$root" && npm ci --no-audit --no-fund) >&2
ends=
for word in "$@"; do [ "$word" != -- ] || ends=1; done
if [ "${PRE_COMMIT:-}" = 1 ] && [ -z "$ends" ]; then
  echo 'pipewarden: end the args of the hook with "--", or files may be taken for options' >&2
  exit 2
fi
export PATH="$root/node_modules/.bin:$PATH"
exec node "$root/dist/cli/pipewarden.mjs" "$@"
