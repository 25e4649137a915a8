#!/usr/bin/env bash
# Plans a proposed change with the rules of the base branch, and leaves in OUT what the review needs:
#   plan.json (what `groupsync apply` carries out after the merge), plan.html, comment.md, labels (one per line), exit-code;
#   rules.html if policy.yaml is all that changes; a file `unchanged` if nothing does.
# Usage: plan.sh BASE CHANGE OUT — the desired-state directories of the base branch and of the change, and a folder.
# CHECK=failure says that the check refused the change: it is planned to be seen, and leaves no plan.json.
# Ends with 0 once the review material is there, also for a plan that is held or has gaps: those show in comment and labels.
set -euo pipefail
base=$1 change=$2 out=$3
mkdir -p "$out"

same() { diff --recursive --brief --no-dereference "$@" "$base" "$change" >/dev/null 2>&1; }
if same; then
  echo 'The files of the desired state are those of the base branch: nothing of them changes.' >"$out/comment.md"
  echo 'groupsync: none' >"$out/labels"
  touch "$out/unchanged"
  exit 0
fi

code=0
groupsync plan "$change" --policy "$base" --exit-code --out "$out/plan.json" \
  --write "markdown=$out/comment.md" --write "html=$out/plan.html" >"$out/plan.txt" 2>"$out/errors.txt" || code=$?
echo "$code" >"$out/exit-code"
cat "$out/errors.txt" >&2

if [ ! -s "$out/plan.json" ]; then
  # Nothing was planned: the files or the settings are wrong. What was said goes where the reviewer looks, as text only.
  {
    if groupsync validate "$base" >/dev/null 2>&1; then
      echo 'groupsync could not plan this change (exit code '"$code"'):'
    else
      echo 'The files of the base branch cannot be used themselves, so nothing can be planned under their rules (exit code '"$code"'):'
    fi
    echo
    sed 's/^/    /' "$out/errors.txt" | { head -c 50000; cat >/dev/null; }
  } >"$out/comment.md"
  echo 'groupsync: error' >"$out/labels"
  exit 0
fi

jq --raw-output --argjson code "$code" --arg check "${CHECK:-}" '
  [ if .totals.add > 0 then "add" else empty end,
    if .totals.remove > 0 then "remove" else empty end,
    if .totals.change > 0 then "change" else empty end,
    if .totals.held + .totals.refused > 0 then "held" else empty end,
    if $code == 1 or $code == 4 or $check == "failure" then "error" else empty end ]
  | if . == [] then ["none"] else . end
  | .[] | "groupsync: " + .' "$out/plan.json" >"$out/labels"

# Everything else being equal, what the new rules would do can be shown beside what the old ones allow. Nothing of it is carried out
# by this change: after the merge a customer whose plan they alter is left alone, and the next pull request shows it as its own.
if same --exclude=policy.yaml; then
  groupsync plan "$change" --write "markdown=$out/rules.md" --write "html=$out/rules.html" >/dev/null 2>"$out/rules.txt" || true
  {
    printf '\n\n---\n\n## What the new rules would do\n\n'
    if [ ! -s "$out/rules.md" ]; then
      echo 'They could not be planned with:'
      echo
      sed 's/^/    /' "$out/rules.txt" | { head -c 2000; cat >/dev/null; }
    elif [ $(($(wc -c <"$out/comment.md") + $(wc -c <"$out/rules.md"))) -gt 62000 ]; then
      echo 'Too much to show here: it stands in "rules.html" of the run.'
    else
      cat "$out/rules.md"
    fi
  } >"$out/rules-comment.md"
  cat "$out/rules-comment.md" >>"$out/comment.md"
  rm -f "$out/rules.md" "$out/rules-comment.md"
fi

if [ "${CHECK:-}" = failure ]; then
  # Whoever merges past a check that failed shall find no plan to carry out.
  rm "$out/plan.json"
  printf '\n\nThe check refused this change: what is shown here cannot be applied.\n' >>"$out/comment.md"
fi
