#!/usr/bin/env bash
# Runs a command that writes only if the files of this checkout are still those of the target branch and no STOP stands there. A STOP
# that is merged while the command runs is laid into the checkout, where groupsync looks for one every second.
# Usage: newest-only.sh FILES COMMAND [ARGUMENT]… — inside the checkout; FILES is the folder of the desired state in it.
# Needs GITHUB_TOKEN (contents: read) or SYSTEM_ACCESSTOKEN. Ends with 3 if the command may not run, else as the command does.
set -euo pipefail
files=$1
shift
target=${GROUPSYNC_TARGET:-refs/heads/main}
newest=refs/groupsync/newest
stop=$(mktemp)
trap 'rm -f "$stop"' EXIT

# The token goes through the environment: arguments of a process are readable by others on the machine.
if [ -n "${GITHUB_TOKEN:-}" ]; then
  authorization="basic $(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 --wrap=0)"
else
  authorization="bearer $SYSTEM_ACCESSTOKEN"
fi
unset GITHUB_TOKEN
look() {
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraheader GIT_CONFIG_VALUE_0="AUTHORIZATION: $authorization" \
    timeout 60 git fetch --quiet --no-tags origin "+$target:$newest"
}
files_of() { git rev-parse --quiet --verify "$1:$files" || echo none; }
is_stopped() { git cat-file -e "$newest:$files/STOP" 2>/dev/null; }

look || { echo "what stands on $target cannot be read, so nothing is written" >&2; exit 1; }
if is_stopped; then
  echo "the file $files/STOP stands on $target, so nothing is written" >&2
  exit 3
fi
if [ "$(files_of HEAD)" != "$(files_of "$newest")" ]; then
  {
    echo "$target has moved on to $(git rev-parse "$newest"), and $files is no longer what this run was started for, so nothing is written:"
    echo "the run of the newest merge carries out what was merged before it too"
  } >&2
  exit 3
fi

while sleep "${GROUPSYNC_LOOK:-15}" &>/dev/null && kill -0 "$$" 2>/dev/null; do
  if look 2>/dev/null && is_stopped && git show "$newest:$files/STOP" >"$stop"; then
    cp "$stop" "$files/STOP"
    break
  fi
done &
watch=$!
code=0
"$@" || code=$?
kill "$watch" 2>/dev/null || true
exit "$code"
