#!/usr/bin/env bash
# Shows a plan on a pull request of GitHub: one comment, updated in place, and labels that say what the plan does.
# Usage: github-review.sh OUT — the folder that plan.sh filled.
# Needs GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN (issues: write) and PULL_REQUEST, a number; RUN_URL is linked to.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=review.sh
. "$(dirname "$0")/review.sh"
out=$1
is_number PULL_REQUEST "$PULL_REQUEST"
issues="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues"
authorize "$GITHUB_TOKEN"
github() { request --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' "$@"; }

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
