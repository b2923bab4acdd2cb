#!/usr/bin/env bash
# timebucket@0.4.0 (npm, pinned below), which groups times "as an aid for graphing": "`y43` - the year 2013" begins on 21 December 2012, and a month
# in the middle of one. A year is 365.2425 days and a month a twelfth of it, counted from 1970, whatever the calendar says. A total by year or month
# has other days than its label: Christmas 2012 counts for 2013, 1 June for the month that began on 16 May.
# `8h-491`, which the readme gives for the first moonwalk (1969-07-21 02:56 UTC), is the eight hours after it. Minutes, hours and days are right.
#
# Seen with Node 20.20.2, a time, its bucket, and where that begins:
#   2012-12-20T12:00:00Z | y42 | 2011-12-22T00:00:00.000Z
#   2012-12-25T12:00:00Z | y43 | 2012-12-21T00:00:00.000Z
#   2013-06-01T12:34:56Z | y43 | 2012-12-21T00:00:00.000Z
#   2013-06-01T12:34:56Z | M511 | 2013-05-16T00:00:00.000Z
#   2013-06-01T12:34:56Z | d15857 | 2013-06-01T00:00:00.000Z
#   2013-06-01T12:34:56Z | h380580 | 2013-06-01T12:00:00.000Z
#   2026-11-30T12:00:00Z | y56 | 2025-12-18T00:00:00.000Z
#   2026-11-30T12:00:00Z | M670 | 2026-11-13T00:00:00.000Z
#   2026-11-30T12:00:00Z | d20787 | 2026-11-30T00:00:00.000Z
#   2026-11-30T12:00:00Z | h498900 | 2026-11-30T12:00:00.000Z
#   1969-07-21T02:56:00Z | 8h-492 | 1969-07-21T00:00:00.000Z
#   readme | 8h-491 | 1969-07-21T08:00:00.000Z
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund timebucket@0.4.0

cat >probe.cjs <<'JS'
const timebucket = require('timebucket');

for (const [time, sizes] of [
  ['2012-12-20T12:00:00Z', ['y']],
  ['2012-12-25T12:00:00Z', ['y']],
  ['2013-06-01T12:34:56Z', ['y', 'M', 'd', 'h']],
  ['2026-11-30T12:00:00Z', ['y', 'M', 'd', 'h']],
  ['1969-07-21T02:56:00Z', ['8h']],
]) {
  for (const size of sizes) {
    const bucket = timebucket(Date.parse(time)).resize(size);
    console.log(`${time} | ${bucket} | ${bucket.toDate().toISOString()}`);
  }
}
console.log(`readme | 8h-491 | ${timebucket('8h-491').toDate().toISOString()}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
2012-12-20T12:00:00Z | y42 | 2011-12-22T00:00:00.000Z
2012-12-25T12:00:00Z | y43 | 2012-12-21T00:00:00.000Z
2013-06-01T12:34:56Z | y43 | 2012-12-21T00:00:00.000Z
2013-06-01T12:34:56Z | M511 | 2013-05-16T00:00:00.000Z
2013-06-01T12:34:56Z | d15857 | 2013-06-01T00:00:00.000Z
2013-06-01T12:34:56Z | h380580 | 2013-06-01T12:00:00.000Z
2026-11-30T12:00:00Z | y56 | 2025-12-18T00:00:00.000Z
2026-11-30T12:00:00Z | M670 | 2026-11-13T00:00:00.000Z
2026-11-30T12:00:00Z | d20787 | 2026-11-30T00:00:00.000Z
2026-11-30T12:00:00Z | h498900 | 2026-11-30T12:00:00.000Z
1969-07-21T02:56:00Z | 8h-492 | 1969-07-21T00:00:00.000Z
readme | 8h-491 | 1969-07-21T08:00:00.000Z
TEXT
echo "as described: years and months are lengths, not those of the calendar"
