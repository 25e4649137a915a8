# What the reviews on all code hosts have in common; sourced by the scripts that know one of them.
# shellcheck shell=bash
# After it there are: `authorize TOKEN`, `request CURL-ARGUMENT…`, `is_number NAME VALUE`, `is_commit VALUE`, `write_body OUT`, $body,
# $marker.

# Our comment begins with it, which no reader sees.
# shellcheck disable=SC2034
marker='<!-- groupsync plan -->'
header=$(mktemp)
body=$(mktemp)
trap 'rm -f "$header" "$body"' EXIT

# The token is handed over in a file: arguments of a process are readable by others on the machine.
authorize() { printf 'Authorization: Bearer %s\n' "$1" >"$header"; }

request() {
  curl --silent --show-error --fail-with-body --retry 3 --header "@$header" --header 'Content-Type: application/json' "$@"
}

is_number() { [[ "$2" =~ ^[0-9]+$ ]] || { echo "$1 is not a number" >&2; exit 1; }; }
is_commit() { [[ "$1" =~ ^[0-9a-f]{40}$ ]]; }

write_body() {
  {
    echo "$marker"
    cat "$1/comment.md"
    if [ -n "${HEAD_SHA:-}" ]; then printf '\n\nOf commit %s.' "$HEAD_SHA"; fi
    if [ -n "${RUN_URL:-}" ]; then printf '\n\n[Plan, page and logs of this run](%s)\n' "$RUN_URL"; fi
  } >"$body"
}
