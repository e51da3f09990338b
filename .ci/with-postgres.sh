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
# Throw-away data needs no disk; the durability of a real one is not what these tests are about.
as_owner "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-k $folder -c listen_addresses='' -c fsync=off -c max_connections=300" start >/dev/null
cd "$OLDPWD"

export VERBATIM_TEST_POSTGRES="postgres:///postgres?host=$folder&user=postgres"
"$@"
