#!/usr/bin/env bash
# Puts the change of a pull request beside the checkout of the target branch, as a folder of data.
# Usage: azure-devops-change.sh FOLDER, inside the checkout.
# Needs what azure-devops.sh needs, and PULL_REQUEST. Sets the variable `head` of the job to the commit.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=azure-devops.sh
. "$(dirname "$0")/azure-devops.sh"
folder=$1
is_number PULL_REQUEST "$PULL_REQUEST"

head=$(request "$repository/pullRequests/$PULL_REQUEST?$version" | jq --raw-output --arg target "$target" \
  'select(.status == "active" and .targetRefName == $target) | .lastMergeSourceCommit.commitId // empty')
is_commit "$head" || { echo "pull request $PULL_REQUEST is not open, or not about $target" >&2; exit 1; }

# The merge is made by Azure DevOps in this repository; one of its parents is the change, from a fork as well. The token goes
# through the environment, and what the change says about filters and large files is not carried out.
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraheader GIT_CONFIG_VALUE_0="AUTHORIZATION: bearer $SYSTEM_ACCESSTOKEN" \
  git fetch --quiet --no-tags origin "refs/pull/$PULL_REQUEST/merge"
git merge-base --is-ancestor "$head" FETCH_HEAD ||
  { echo "pull request $PULL_REQUEST cannot be merged as it stands: resolve its conflicts first" >&2; exit 1; }
GIT_LFS_SKIP_SMUDGE=1 git worktree add --quiet --force --detach "$folder" "$head"
echo "##vso[task.setvariable variable=head]$head"
