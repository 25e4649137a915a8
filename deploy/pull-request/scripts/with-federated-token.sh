#!/usr/bin/env bash
# Runs a command with the token that Entra trusts in place of a secret (workload identity federation), as GitHub or Azure
# Pipelines issues it to this job. It is good for minutes and a sweep may take longer, so it is renewed while the command runs;
# groupsync reads the file anew whenever it signs in.
# Usage: with-federated-token.sh COMMAND [ARGUMENT]…
#   GitHub: the job needs `id-token: write`.
#   Azure Pipelines: inside the task AzureCLI@2, which says which service connection this is; SYSTEM_ACCESSTOKEN has to be handed
#   over.
set -euo pipefail
umask 077
folder=$(mktemp --directory)
trap 'kill "${renewal:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
export AZURE_FEDERATED_TOKEN_FILE="$folder/token"
if [ -n "${AZURESUBSCRIPTION_CLIENT_ID:-}" ]; then export AZURE_CLIENT_ID="$AZURESUBSCRIPTION_CLIENT_ID"; fi

# Tokens go through files: arguments of a process are readable by others on the machine.
request() {
  if [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    printf 'Authorization: Bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" >"$folder/header"
    curl --silent --show-error --fail --retry 3 --header "@$folder/header" \
      "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" |
      jq --exit-status --raw-output --join-output .value >"$folder/new"
  else
    printf 'Authorization: Bearer %s\n' "$SYSTEM_ACCESSTOKEN" >"$folder/header"
    curl --silent --show-error --fail --retry 3 --header "@$folder/header" --header 'Content-Length: 0' --request POST \
      "$SYSTEM_OIDCREQUESTURI?api-version=7.1&serviceConnectionId=$AZURESUBSCRIPTION_SERVICE_CONNECTION_ID" |
      jq --exit-status --raw-output --join-output .oidcToken >"$folder/new"
  fi || return # a token that did not come does not take the place of one that is still good
  mv "$folder/new" "$AZURE_FEDERATED_TOKEN_FILE"
}

request
while sleep 120; do request || true; done &
renewal=$!

# What asks for tokens is nothing for the command itself; and what it quotes from a change or a tenant is no command to the
# agent of Azure Pipelines, which looks for `##vso[` in everything that is printed.
env --unset=ACTIONS_ID_TOKEN_REQUEST_TOKEN --unset=ACTIONS_ID_TOKEN_REQUEST_URL --unset=SYSTEM_ACCESSTOKEN "$@" 2>&1 |
  sed --unbuffered 's/##/# #/g'
