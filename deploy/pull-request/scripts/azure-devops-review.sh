#!/usr/bin/env bash
# Shows a plan on a pull request of Azure DevOps: one comment, updated in place, and labels that say what the plan does.
# Usage: azure-devops-review.sh OUT — the folder that plan.sh filled.
# Needs what azure-devops.sh needs, and PULL_REQUEST; HEAD_SHA is named, RUN_URL is linked to. The identity of the build needs the right to contribute
# to pull requests.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=azure-devops.sh
. "$(dirname "$0")/azure-devops.sh"
out=$1
is_number PULL_REQUEST "$PULL_REQUEST"
pull="$repository/pullRequests/$PULL_REQUEST"

# Whoever may comment can write the marker: only our own comment is updated.
me=$(request "$organisation/_apis/connectionData" | jq --raw-output .authenticatedUser.id)
place=$(request "$pull/threads?$version" | jq --raw-output --arg marker "$marker" --arg me "$me" '
  .value | map({thread: .id, comment: (.comments // [] | first)})
  | map(select(.comment.author.id == $me and (.comment.content // "" | startswith($marker)))) | first // empty
  | "\(.thread)/comments/\(.comment.id)"')
if [ -z "$place" ] && [ -e "$out/unchanged" ]; then exit 0; fi
write_body "$out"
if [ -n "$place" ]; then
  jq --raw-input --slurp '{content: .}' "$body" | request --request PATCH --data @- "$pull/threads/$place?$version" >/dev/null
else
  # A closed thread holds up no pull request in which every comment must be resolved.
  jq --raw-input --slurp '{comments: [{parentCommentId: 0, commentType: 1, content: .}], status: 4}' "$body" |
    request --request POST --data @- "$pull/threads?$version" >/dev/null
fi

# Labels of others stay; ours become what this plan says.
found=$(request "$pull/labels?$version")
wanted=$(jq --raw-input --slurp 'split("\n") | map(select(. != ""))' "$out/labels")
jq --raw-output --argjson wanted "$wanted" \
  '.value[] | select((.name | startswith("groupsync: ")) and (.name as $name | $wanted | index($name) == null)) | .id' <<<"$found" |
  while read -r id; do request --request DELETE "$pull/labels/$id?$version" >/dev/null; done
jq --compact-output --argjson wanted "$wanted" '(.value | map(.name)) as $there | $wanted - $there | .[] | {name: .}' <<<"$found" |
  while read -r label; do request --request POST --data "$label" "$pull/labels?$version" >/dev/null; done
