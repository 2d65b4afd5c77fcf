#!/usr/bin/env bash
# The command, for the action and the pre-commit hook, which have a checkout alone: the first call makes the contents of the
# package from the sources, and later calls run them. It leaves nothing else that was installed behind.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

make_package() {
  cd "$root" || return
  # npm writes this file when it has installed everything.
  if [ ! -f node_modules/.package-lock.json ]; then
    installed=1
    npm ci --workspace bundle --ignore-scripts --no-audit --no-fund || return
  fi
  npm run --silent build -- cli || return
  [ -z "${installed:-}" ] || rm -rf node_modules
}

# Status 1 says that there are findings, and so a command that could not be made ends with 2.
refuse() {
  echo "pipewarden: $1" >&2
  exit 2
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  refuse 'node and npm are not found: install Node 20.12 or newer'
fi

# PIPEWARDEN_VERSION asks for another version than this checkout's: an exact one of the registry, or a file.
case "${PIPEWARDEN_VERSION:-}" in
  '') ;;
  *.tgz)
    [ -f "$PIPEWARDEN_VERSION" ] || refuse 'the version names a .tgz that is not there'
    package=$(cd -- "$(dirname -- "$PIPEWARDEN_VERSION")" && pwd)/$(basename -- "$PIPEWARDEN_VERSION")
    ;;
  *)
    if [[ ! $PIPEWARDEN_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
      refuse 'the version is no exact version, such as 1.2.3, nor a .tgz'
    fi
    package=@pipewarden/cli@$PIPEWARDEN_VERSION
    ;;
esac
if [ -n "${package:-}" ]; then
  # In a folder of its own: an .npmrc of the repository that is linted has no say in where the package comes from.
  folder=$(mktemp -d)
  (cd "$folder" && npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-save -- "$package") >&2 ||
    refuse 'npm could not install the version that was asked for: see its messages above'
  root=$folder/node_modules/@pipewarden/cli
fi
# The build writes this file last.
[ -f "$root/dist/cli/THIRD-PARTY-LICENSES.txt" ] ||
  (make_package) >&2 || refuse 'the command could not be made from its sources, which needs Node 20.12 or newer: see the messages above'

# What follows -- are files, and a file may be called -, which the command takes for its standard input. `audit` has files only as values
# of --template or --plan, before the --, where a name must not look like an option.
ends=
words=()
for word in "$@"; do
  if [ -n "$ends" ] && { [ "$word" = - ] || { [ "$1" = audit ] && [ "${word:0:1}" = - ]; }; }; then word=./$word; fi
  if [ "$word" = -- ]; then
    ends=1
    if [ "$1" = audit ]; then continue; fi
  fi
  words+=("$word")
done
if [ "${PRE_COMMIT:-}" = 1 ] && [ -z "$ends" ]; then
  refuse 'end the args of the hook with "--", or files may be taken for options'
fi
exec node "$root/dist/cli/pipewarden.mjs" ${words[@]+"${words[@]}"}
