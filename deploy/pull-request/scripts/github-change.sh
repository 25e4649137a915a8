#!/usr/bin/env bash
# Finds the open pull request that a run of the check was about. Usage: github-change.sh
# Needs what github.sh needs (pull-requests: read) and, from the event of the run, HEAD_SHA, HEAD_OWNER and HEAD_BRANCH. Sets the
# output `number` of the step.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=github.sh
. "$(dirname "$0")/github.sh"
is_commit "$HEAD_SHA" || { echo "HEAD_SHA is not a commit" >&2; exit 1; }

# Neither the event nor the commit names the pull request of a fork: GitHub leaves the one empty and does not know the other here.
number=$(github --get --data-urlencode "head=$HEAD_OWNER:$HEAD_BRANCH" --data 'state=open&per_page=100' "$repository/pulls" |
  jq --raw-output --arg head "$HEAD_SHA" --arg base "${target#refs/heads/}" \
    'map(select(.state == "open" and .head.sha == $head and .base.ref == $base)) | first | .number // empty')
[[ "$number" =~ ^[0-9]+$ ]] ||
  { echo "no open pull request for ${target#refs/heads/} has the commit $HEAD_SHA as its head" >&2; exit 1; }
echo "number=$number" >>"$GITHUB_OUTPUT"
