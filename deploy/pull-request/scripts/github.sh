# The addresses of a repository on GitHub; sourced by the scripts that need them.
# shellcheck shell=bash
# Needs GITHUB_API_URL and GITHUB_REPOSITORY, which every job has, and GITHUB_TOKEN, which has to be handed over.
# shellcheck source-path=SCRIPTDIR source=review.sh
. "$(dirname "$0")/review.sh"
authorize "$GITHUB_TOKEN"
# shellcheck disable=SC2034
repository="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY"
# The branch that is protected and that everything here is about.
# shellcheck disable=SC2034
target=${GROUPSYNC_TARGET:-refs/heads/main}

github() { request --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' "$@"; }
