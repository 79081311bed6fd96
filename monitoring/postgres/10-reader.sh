#!/bin/sh
# Runs once, in an empty database: the role of Grafana, which may read and nothing else.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/postgres_reader_password)" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role ulasan_reader login password :'password';
grant pg_read_all_data to ulasan_reader;
alter role ulasan_reader set statement_timeout = '15s';
SQL
