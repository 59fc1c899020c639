#!/bin/sh
# Moves one request to an HTTP server with OpenAI's interface, and its answer back. It needs curl, and knows nothing of JSON.
#
#     openai.sh URL SECONDS REQUEST ANSWER
#
#   URL       the whole address, as http://127.0.0.1:8080/v1/completions
#   SECONDS   after which the request is given up; there is no second try
#   REQUEST   file with the body to send (SPEC 8.38)
#   ANSWER    file for the body that comes back. Where none does, or the server refuses, its first line says why, the
#             server's body stands behind it, and the exit status is 1.
#
# Environment: OPENAI_API_KEY, if the server wants a key. curl gets it through a pipe: it is on no command line.
set -u

if [ $# -ne 4 ]; then
    echo "usage: openai.sh URL SECONDS REQUEST ANSWER" >&2
    exit 2
fi
url=$1 seconds=$2 request=$3 answer=$4
body=$answer.body
trap 'rm -f "$body"' EXIT
trap 'exit 1' HUP INT TERM

# fail LINE: the reason, and what the server sent
fail() {
    {
        printf '%s\n' "$1"
        [ ! -f "$body" ] || cat "$body"
    } >"$answer"
    exit 1
}

command -v curl >/dev/null 2>&1 || fail "curl is not installed"

# The key as a line of curl's configuration, where quotes and backslashes are escaped.
configuration() {
    [ -n "${OPENAI_API_KEY:-}" ] || return 0
    printf 'header = "Authorization: Bearer %s"\n' "$(printf '%s' "$OPENAI_API_KEY" | sed 's/["\\]/\\&/g')"
}
case ${OPENAI_API_KEY:-} in
*[![:graph:]]*) fail "OPENAI_API_KEY has characters that no key has" ;;
esac

# An answer of 16 MiB is none: 32768 blocks of 512 bytes.
ulimit -f 32768 2>/dev/null
# "-q": the user's .curlrc might ask for another output. Redirections are not followed: they would take the key elsewhere.
{
    said=$(configuration | curl -q --config - --silent --show-error --globoff --proto =http,https \
        --max-time "$seconds" --header 'Content-Type: application/json' --header 'Expect:' \
        --data-binary "@$request" --output "$body" --write-out '%{http_code}' --url "$url" 2>&1)
} 2>/dev/null # where the limit ends curl, the shell would say so
status=$?
if [ $status -ne 0 ]; then
    rm -f "$body" # a part of an answer is none
    case $status in
    23 | 63 | 153) fail "the answer is longer than 16 MiB, or the disk is full" ;;
    28) fail "no answer within $seconds seconds" ;;
    *) fail "curl: $(printf '%s' "$said" | sed -n 's/^curl: //p' | head -n 1)" ;;
    esac
fi
code=${said#"${said%???}"}
case $code in
2??) ;;
*) fail "HTTP $code" ;;
esac
[ -f "$body" ] || : >"$body" # an empty answer
mv "$body" "$answer"
