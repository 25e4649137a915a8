#!/usr/bin/env bash
# Plans a proposed change with the rules of the base branch, and leaves in OUT what the review needs:
#   plan.json (what `groupsync apply` carries out after the merge), plan.html, comment.md, labels (one per line), exit-code.
# Usage: plan.sh BASE CHANGE OUT — the desired-state directories of the base branch and of the change, and a folder.
# Ends with 0 once the review material is there, also for a plan that is held or has gaps: those show in comment and labels.
set -euo pipefail
base=$1 change=$2 out=$3
mkdir -p "$out"

code=0
groupsync plan "$change" --policy "$base" --exit-code --out "$out/plan.json" \
  --write "markdown=$out/comment.md" --write "html=$out/plan.html" >"$out/plan.txt" 2>"$out/errors.txt" || code=$?
echo "$code" >"$out/exit-code"
cat "$out/errors.txt" >&2

if [ ! -s "$out/plan.json" ]; then
  # Nothing was planned: the files or the settings are wrong. What was said goes where the reviewer looks, as text only.
  {
    echo 'groupsync could not plan this change (exit code '"$code"'):'
    echo
    sed 's/^/    /' "$out/errors.txt" | { head -c 50000; cat >/dev/null; }
  } >"$out/comment.md"
  echo 'groupsync: error' >"$out/labels"
  exit 0
fi

jq --raw-output --argjson code "$code" '
  [ if .totals.add > 0 then "add" else empty end,
    if .totals.remove > 0 then "remove" else empty end,
    if .totals.held + .totals.refused > 0 then "held" else empty end,
    if $code == 1 or $code == 4 then "error" else empty end ]
  | if . == [] then ["none"] else . end
  | .[] | "groupsync: " + .' "$out/plan.json" >"$out/labels"
