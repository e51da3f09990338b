#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL on a unix socket: `.ci/with-postgres.sh COMMAND ...`.
# The cluster is stopped and removed when the command ends, however it ends.

set -euo pipefail

programs=/usr/lib/postgresql/15/bin
folder=$(mktemp -d /tmp/verbatim-postgres.XXXXXX)

# PostgreSQL does not run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

stop() {
    as_owner "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

[ "$(id -u)" != 0 ] || chown postgres "$folder"
cd "$folder"
as_owner "$programs/initdb" -D "$folder/data" -A trust -U postgres >/dev/null
# Throw-away data needs no disk, unless DURABLE=1 wants to know what that costs.
as_owner "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-k $folder -c listen_addresses='' -c fsync=$([ "${DURABLE:-0}" = 1 ] && echo on || echo off) -c max_connections=300" start >/dev/null
cd "$OLDPWD"

export VERBATIM_TEST_POSTGRES="postgres:///postgres?host=$folder&user=postgres"
# A command that stops it without a farewell and starts it again, for tests that have it to themselves.
VERBATIM_TEST_POSTGRES_RESTART="'$programs/pg_ctl' -D '$folder/data' -m immediate -w -l '$folder/log' restart >/dev/null 2>&1"
# The quotes are for the shell that runs the command later.
# shellcheck disable=SC2089
[ "$(id -u)" != 0 ] || VERBATIM_TEST_POSTGRES_RESTART="cd '$folder' && runuser -u postgres -- $VERBATIM_TEST_POSTGRES_RESTART"
# shellcheck disable=SC2090
export VERBATIM_TEST_POSTGRES_RESTART
"$@"
