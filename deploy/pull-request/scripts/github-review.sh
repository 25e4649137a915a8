#!/usr/bin/env bash
# Shows a plan on a pull request of GitHub: one comment, updated in place, and labels that say what the plan does.
# Usage: github-review.sh OUT — the folder that plan.sh filled.
# Needs what github.sh needs (issues: write) and PULL_REQUEST; HEAD_SHA is named, RUN_URL is linked to.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=github.sh
. "$(dirname "$0")/github.sh"
out=$1
is_number PULL_REQUEST "$PULL_REQUEST"
issues="$repository/issues"

# Whoever may comment can write the marker: only our own comment is updated.
me=${GROUPSYNC_BOT:-github-actions[bot]}
comment=''
page=1
while [ -z "$comment" ]; do
  found=$(github "$issues/$PULL_REQUEST/comments?per_page=100&page=$page")
  comment=$(jq --raw-output --arg marker "$marker" --arg me "$me" \
    'map(select(.user.login == $me and (.body | startswith($marker)))) | first | .id // empty' <<<"$found")
  [ "$(jq length <<<"$found")" -eq 100 ] || break
  page=$((page + 1))
done
if [ -z "$comment" ] && [ -e "$out/unchanged" ]; then exit 0; fi
write_body "$out"
if [ -n "$comment" ]; then
  jq --raw-input --slurp '{body: .}' "$body" | github --request PATCH --data @- "$issues/comments/$comment" >/dev/null
else
  jq --raw-input --slurp '{body: .}' "$body" | github --request POST --data @- "$issues/$PULL_REQUEST/comments" >/dev/null
fi

# Labels of others stay; ours become what this plan says.
kept=$(github "$issues/$PULL_REQUEST/labels?per_page=100" | jq 'map(.name) | map(select(startswith("groupsync: ") | not))')
jq --raw-input --slurp --argjson kept "$kept" '{labels: ($kept + (split("\n") | map(select(. != ""))))}' "$out/labels" |
  github --request PUT --data @- "$issues/$PULL_REQUEST/labels" >/dev/null
