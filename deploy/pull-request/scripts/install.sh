#!/usr/bin/env bash
# Puts a groupsync of one known commit on the PATH of a build agent. Replace it by your own image or package if you have one.
# Needs GROUPSYNC_REPOSITORY (a Git address) and GROUPSYNC_COMMIT (a full hash): set them as variables of the organisation.
set -euo pipefail
[[ "${GROUPSYNC_COMMIT:-}" =~ ^[0-9a-f]{40}$ ]] || { echo "GROUPSYNC_COMMIT is not a full commit hash" >&2; exit 1; }
cargo install --locked --quiet --git "$GROUPSYNC_REPOSITORY" --rev "$GROUPSYNC_COMMIT" groupsync
bin="${CARGO_HOME:-$HOME/.cargo}/bin"
if [ -n "${GITHUB_PATH:-}" ]; then echo "$bin" >>"$GITHUB_PATH"; fi
if [ -n "${TF_BUILD:-}" ]; then echo "##vso[task.prependpath]$bin"; fi
