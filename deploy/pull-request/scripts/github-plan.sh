#!/usr/bin/env bash
# Finds the run that planned what was merged. Usage: github-plan.sh
# Needs what github.sh needs (actions: read, pull-requests: read) and GITHUB_SHA. Sets the outputs of the step: `run`, its number, and
# `name`, that of the artefact.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=github.sh
. "$(dirname "$0")/github.sh"

head=$(github "$repository/commits/$GITHUB_SHA/pulls?per_page=100" |
  jq --raw-output --arg commit "$GITHUB_SHA" --arg base "${target#refs/heads/}" '
    map(select(.merged_at != null and .merge_commit_sha == $commit and .base.ref == $base)) | first | .head.sha // empty')
is_commit "$head" || { echo "this commit was not merged by a pull request" >&2; exit 1; }

# A workflow that a pull request brings could keep an artefact of that name too: only runs of the protected branch count.
name="groupsync-plan-$head"
run=$(github "$repository/actions/artifacts?name=$name&per_page=100" |
  jq --raw-output --arg branch "${target#refs/heads/}" --arg name "$name" '
    .artifacts | map(select(.name == $name and (.expired | not) and .workflow_run.head_branch == $branch
      and .workflow_run.head_repository_id == .workflow_run.repository_id))
    | max_by(.id) | .workflow_run.id // empty')
[[ "$run" =~ ^[0-9]+$ ]] || { echo "there is no plan of $head any more: open a new pull request" >&2; exit 1; }
{
  echo "run=$run"
  echo "name=$name"
} >>"$GITHUB_OUTPUT"
