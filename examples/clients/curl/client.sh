#!/bin/sh
# A shell script that signs a user in by password, calls the API, refreshes and signs
# out. It needs curl 7.76 or newer. What the variables are is said in ../README.md.
set -eu
: "${GATEHOUSE_URL:?}" "${GATEHOUSE_CLIENT:?}" "${GATEHOUSE_SECRET:?}" "${GATEHOUSE_USER:?}" "${GATEHOUSE_PASSWORD:?}"

# ask POSTs to Gatehouse as the client.
ask() {
  path=$1
  shift
  curl --silent --show-error --fail-with-body --user "$GATEHOUSE_CLIENT:$GATEHOUSE_SECRET" "$GATEHOUSE_URL$path" "$@"
}

# call GETs a route of the API. The token comes by standard input: other users of a
# machine see the arguments of programs.
call() {
  printf 'Authorization: Bearer %s' "$access" | curl --silent --show-error --header @- "$@"
}

# field prints a member of a flat JSON object; jq is better where there is one.
field() { printf '%s' "$answer" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

# refused ends the script with the error: invalid_grant is a wrong name or password.
refused() { printf '%s\n' "$answer" >&2 && exit 1; }

answer=$(printf '%s' "$GATEHOUSE_PASSWORD" | ask /oauth/token --data grant_type=password \
  --data-urlencode "username=$GATEHOUSE_USER" --data-urlencode password@-) || refused
access=$(field access_token) refresh=$(field refresh_token)
echo "signed in: $(call "$GATEHOUSE_URL/oauth/session")"

# Each refresh token works once. When the answer was lost, asking again with the same
# token brings the same answer for half a minute: store the new one before you use it.
answer=$(printf '%s' "$refresh" | ask /oauth/token --data grant_type=refresh_token --data-urlencode refresh_token@-) || refused
access=$(field access_token) refresh=$(field refresh_token)
echo "refreshed: $(call "$GATEHOUSE_URL/oauth/session")"

printf '%s' "$refresh" | ask /oauth/revoke --data-urlencode token@-
echo "signed out: $(call --output /dev/null --write-out '%{http_code}' "$GATEHOUSE_URL/oauth/session")"
