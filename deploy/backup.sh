#!/bin/sh
# Copies a data folder, while the server runs or not: deploy/backup.sh /var/lib/heliograph /var/backups/heliograph/monday
#
# Every board is a SQLite database of its own. Each is copied as it was at one moment, with all that was acknowledged before.
# Boards are copied one after another: no board depends on another one's events. The registry comes last, so that it knows
# every board that was copied; a board that is made meanwhile may be in its list only. Needs sqlite3.
set -eu
from=${1:?usage: deploy/backup.sh DATA TO} to=${2:?usage: deploy/backup.sh DATA TO}
[ -d "$from/do" ] || { echo "$from has no folder do: it is no data folder" >&2; exit 1; }
[ ! -e "$to" ] || { echo "$to is there already: a backup goes into a folder of its own" >&2; exit 1; }
to=$(realpath -m "$to")
umask 077
cd "$from"
for file in do/heliograph-Relay/*.sqlite do/heliograph-Board/*.sqlite do/heliograph-Registry/*.sqlite; do
  [ -f "$file" ] || continue
  mkdir -p "$to/$(dirname "$file")"
  # Inside a transaction that reads, so that the copy has one moment and need not begin anew while events come in.
  sqlite3 -bail -readonly "$file" '.timeout 10000' 'BEGIN' 'SELECT count(*) FROM sqlite_schema' ".backup '$to/$file'" > /dev/null
done
find "$to" -name '*.sqlite' | while read -r file; do
  [ "$(sqlite3 "$file" 'PRAGMA integrity_check')" = ok ] || { echo "$file is not whole" >&2; exit 1; }
done
echo "$to"
