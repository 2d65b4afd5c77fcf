#!/usr/bin/env bash
# The lint step of action.yml: its inputs are in PIPEWARDEN_*, and what it tells goes to GITHUB_OUTPUT and the job's summary.
set -euo pipefail
shopt -s globstar nullglob

# Whatever fails before the command has ended is no finding, which status 1 would say.
status=2
word=
end() {
  [ -z "$word" ] || echo "::$word::"
  echo "exit-status=$status" >> "$GITHUB_OUTPUT"
  exit "$status"
}
trap end EXIT

refuse() {
  echo "::error::pipewarden: $1"
  exit
}

# What is judged: definitions, or what templates or a plan declare.
name=files patterns=$PIPEWARDEN_FILES
given=0
for each in "$PIPEWARDEN_FILES" "$PIPEWARDEN_TEMPLATES" "$PIPEWARDEN_PLAN"; do
  [ -z "$each" ] || given=$((given + 1))
done
[ "$given" -gt 0 ] || refuse 'no file is named: give one of the inputs files, templates and plan'
[ "$given" -eq 1 ] || refuse 'give one of the inputs files, templates and plan'
[ -n "$PIPEWARDEN_FILES" ] || [ -z "$PIPEWARDEN_DIFF" ] || refuse 'the input diff goes with files'
[ -z "$PIPEWARDEN_FILES" ] || [ -z "$PIPEWARDEN_SNAPSHOT" ] || refuse 'the input snapshot goes with templates or plan'
if [ -n "$PIPEWARDEN_TEMPLATES" ]; then name=templates patterns=$PIPEWARDEN_TEMPLATES; fi
if [ -n "$PIPEWARDEN_PLAN" ]; then name=plan patterns=$PIPEWARDEN_PLAN; fi

files=()
while IFS= read -r pattern || [ -n "$pattern" ]; do
  pattern="${pattern#"${pattern%%[![:space:]]*}"}"
  pattern="${pattern%"${pattern##*[![:space:]]}"}"
  [ -n "$pattern" ] || continue
  if [ -e "$pattern" ]; then
    files+=("$pattern")
    continue
  fi
  found=()
  # Without a separator a pattern is expanded, but its spaces part nothing.
  IFS='' && for file in $pattern; do found+=("$file"); done
  unset IFS
  if [ ${#found[@]} -eq 0 ]; then
    refuse "no file matches an entry of the input $name"
  fi
  files+=("${found[@]}")
done <<< "$patterns"
[ ${#files[@]} -gt 0 ] || refuse "the input $name names no file"
[ "$name" != plan ] || [ ${#files[@]} -eq 1 ] || refuse 'the input plan names several files'

# Nothing that git or the command tells from here on is a command to the runner. The word that ends this is for nobody to guess.
word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$word"

options=(--require-config --fail-on "$PIPEWARDEN_FAIL_ON" --unread "$PIPEWARDEN_UNREAD")
[ -z "$PIPEWARDEN_CONFIG" ] || options+=(--config "$PIPEWARDEN_CONFIG")
command=lint
if [ "$name" != files ]; then
  command=audit
  [ -z "$PIPEWARDEN_SNAPSHOT" ] || options+=(--snapshot "$PIPEWARDEN_SNAPSHOT")
elif [ -n "$PIPEWARDEN_DIFF" ]; then
  # A checkout holds one commit by default.
  git cat-file -e "$PIPEWARDEN_DIFF^{commit}" 2>/dev/null ||
    git fetch --quiet --depth=1 -- origin "$PIPEWARDEN_DIFF" || true
  options+=(--diff "$PIPEWARDEN_DIFF")
fi

# Of `audit`, the words after -- are what this option names (scripts/pipewarden.sh).
last=()
case $name in templates) last=(--template) ;; plan) last=(--plan) ;; esac

# A link that the repository holds would lead the SARIF elsewhere.
[ ! -L "$PIPEWARDEN_SARIF" ] || rm -f -- "$PIPEWARDEN_SARIF"
summary=$(mktemp)
"$GITHUB_ACTION_PATH/scripts/pipewarden.sh" "$command" "${options[@]}" \
  --format sarif -o "$PIPEWARDEN_SARIF" --format md -o "$summary" --format table ${last[@]+"${last[@]}"} -- "${files[@]}" && status=0 || status=$?
# Any other status is bash's own, of a command that could not be started or was killed.
[ "$status" -le 3 ] || status=2

[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$summary" >> "$GITHUB_STEP_SUMMARY"
rm -f -- "$summary"
# With 2 nothing was written, and a file of that name is another run's.
if [ "$status" -ne 2 ]; then
  # As a delimiter of its own for each run, so that a path cannot end the value.
  delimiter="pipewarden-$RANDOM$RANDOM$RANDOM"
  case "$PIPEWARDEN_SARIF" in
    /*) path=$PIPEWARDEN_SARIF ;;
    *) path=$PIPEWARDEN_FOLDER/$PIPEWARDEN_SARIF ;;
  esac
  printf '%s<<%s\n%s\n%s\n' sarif-file "$delimiter" "$path" "$delimiter" >> "$GITHUB_OUTPUT"
fi
