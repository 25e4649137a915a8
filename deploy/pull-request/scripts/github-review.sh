#!/usr/bin/env bash
# Shows a plan on a pull request of GitHub: one comment, updated in place, and labels that say what the plan does.
# Usage: github-review.sh OUT — the folder that plan.sh filled.
# Needs GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN (issues: write) and PULL_REQUEST, a number; RUN_URL is linked to.
set -euo pipefail
out=$1
[[ "$PULL_REQUEST" =~ ^[0-9]+$ ]] || { echo "PULL_REQUEST is not a number" >&2; exit 1; }

marker='<!-- groupsync plan -->'
issues="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues"

# The token is handed over in a file: arguments of a process are readable by others on the machine.
header=$(mktemp)
trap 'rm -f "$header"' EXIT
printf 'Authorization: Bearer %s\n' "$GITHUB_TOKEN" >"$header"
github() {
  curl --silent --show-error --fail-with-body --retry 3 --header "@$header" --header 'Accept: application/vnd.github+json' \
    --header 'X-GitHub-Api-Version: 2022-11-28' --header 'Content-Type: application/json' "$@"
}

body=$(mktemp)
{
  echo "$marker"
  cat "$out/comment.md"
  if [ -n "${RUN_URL:-}" ]; then printf '\n\n[Plan, page and logs of this run](%s)\n' "$RUN_URL"; fi
} >"$body"

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
if [ -n "$comment" ]; then
  jq --raw-input --slurp '{body: .}' "$body" | github --request PATCH --data @- "$issues/comments/$comment" >/dev/null
else
  jq --raw-input --slurp '{body: .}' "$body" | github --request POST --data @- "$issues/$PULL_REQUEST/comments" >/dev/null
fi
rm -f "$body"

# Labels of others stay; ours become what this plan says.
kept=$(github "$issues/$PULL_REQUEST/labels?per_page=100" | jq 'map(.name) | map(select(startswith("groupsync: ") | not))')
jq --raw-input --slurp --argjson kept "$kept" '{labels: ($kept + (split("\n") | map(select(. != ""))))}' "$out/labels" |
  github --request PUT --data @- "$issues/$PULL_REQUEST/labels" >/dev/null
