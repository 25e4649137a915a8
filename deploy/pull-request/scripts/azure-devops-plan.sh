#!/usr/bin/env bash
# Finds the run that planned what was merged. Usage: azure-devops-plan.sh
# Needs what azure-devops.sh needs, BUILD_SOURCEVERSION and PLAN_PIPELINE, the number of the pipeline that plans. Sets the variable
# `planRun` of the job to the number of the run.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=azure-devops.sh
. "$(dirname "$0")/azure-devops.sh"
is_number PLAN_PIPELINE "$PLAN_PIPELINE"

head=$(jq --null-input --arg commit "$BUILD_SOURCEVERSION" '{queries: [{type: "lastMergeCommit", items: [$commit]}]}' |
  request --request POST --data @- "$repository/pullrequestquery?$version" |
  jq --raw-output --arg commit "$BUILD_SOURCEVERSION" --arg target "$target" '
    .results[0][$commit] // [] | map(select(.status == "completed" and .targetRefName == $target))
    | first | .lastMergeSourceCommit.commitId // empty')
is_commit "$head" || { echo "this commit was not merged by a pull request" >&2; exit 1; }

# Only runs of the protected branch count: what a pull request brings may call its artefacts what it likes.
filters="definitions=$PLAN_PIPELINE&tagFilters=groupsync-plan-$head&branchName=$target&resultFilter=succeeded"
run=$(request "$project/build/builds?$filters&queryOrder=finishTimeDescending&\$top=1&$version" |
  jq --raw-output --arg target "$target" '.value | map(select(.sourceBranch == $target)) | first | .id // empty')
[[ "$run" =~ ^[0-9]+$ ]] || { echo "there is no plan of $head any more: open a new pull request" >&2; exit 1; }
echo "##vso[task.setvariable variable=planRun]$run"
