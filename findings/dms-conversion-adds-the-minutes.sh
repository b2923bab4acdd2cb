#!/usr/bin/env bash
# dms-conversion@3.1.4 (npm, pinned below), between decimal degrees and degrees, minutes and seconds: the minutes of a coordinate with a minus are
# added to it. -7°40' is -6.333, which is -6°20', 148 km away, and nothing is raised. The sign is the degrees' alone, and minutes and seconds go
# towards north and east. With a letter (7°40'S) and in decimals, the same place is right.
# parse-dms@0.0.5 (npm) reads them alike.
#
# Seen with Node 20.20.2, what is written, dms-conversion, parse-dms:
#   7°40'S | -7.6667 | -7.6667
#   7°40'30"S | -7.6750 | -7.6750
#   -7.675 | -7.6750 | -7.6750
#   -7° | -7.0000 | -7.0000
#   -7°40' | -6.3333 | -7.6667
#   -7°40'30" | -6.3250 | -7.6750
#   -0°30' | 0.5000 | -0.5000
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund dms-conversion@3.1.4 parse-dms@0.0.5

cat >probe.cjs <<'JS'
const { parseDms } = require('dms-conversion');
const parse = require('parse-dms');

for (const text of [`7°40'S`, `7°40'30"S`, '-7.675', '-7°', `-7°40'`, `-7°40'30"`, `-0°30'`]) {
  const other = parse(text);
  console.log(`${text} | ${parseDms(text).toFixed(4)} | ${(other.lat ?? other).toFixed(4)}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
7°40'S | -7.6667 | -7.6667
7°40'30"S | -7.6750 | -7.6750
-7.675 | -7.6750 | -7.6750
-7° | -7.0000 | -7.0000
-7°40' | -6.3333 | -7.6667
-7°40'30" | -6.3250 | -7.6750
-0°30' | 0.5000 | -0.5000
TEXT
echo "as described: -7°40' is read as -6°20'"
