# The addresses of a repository in Azure DevOps; sourced by the scripts that need them.
# shellcheck shell=bash
# Needs SYSTEM_COLLECTIONURI, SYSTEM_TEAMPROJECTID and BUILD_REPOSITORY_ID, which every job has, and SYSTEM_ACCESSTOKEN, which has
# to be handed over.
# shellcheck source-path=SCRIPTDIR source=review.sh
. "$(dirname "$0")/review.sh"
authorize "$SYSTEM_ACCESSTOKEN"
# shellcheck disable=SC2034
organisation=${SYSTEM_COLLECTIONURI%/}
project="$organisation/$SYSTEM_TEAMPROJECTID/_apis"
# shellcheck disable=SC2034
repository="$project/git/repositories/$BUILD_REPOSITORY_ID"
# shellcheck disable=SC2034
version='api-version=7.1'
# The branch that is protected and that everything here is about.
# shellcheck disable=SC2034
target=${GROUPSYNC_TARGET:-refs/heads/main}
