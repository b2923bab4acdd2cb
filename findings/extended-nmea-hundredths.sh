#!/usr/bin/env bash
# extended-nmea@2.1.3 (npm, pinned below): a time of NMEA 0183 has other fractions of a second than the receiver sent. The standard's form is
# hhmmss.ss; the hundredths are taken for milliseconds, so that a quarter of a second is 25 ms. Of ten fixes a second nine come within
# the first tenth, and then there is a gap. With three digits it is right; with one, as some receivers have, or four, it is an error.
# - A place without decimals, which the standard allows where less resolution is enough, has no degrees: 3015 north is 50.25, and 09744 is 162.4.
# - A receiver without a fix sends empty fields, and reading its place is an error, not nothing.
#
# Seen on 2026-11-30 with Node 20.20.2:
#   120000.25 | 25 ms
#   120000.90 | 90 ms
#   120000.250 | 250 ms
#   120000.5 | Expected data formatted as 'hhmmss.sss' or 'hhmmss', but found 8 characters
#   3015.60,N,09744.40,W | 30.26 -97.74
#   3015,N,09744,W | 50.25 -162.4
#   ,,, | Expected at least 3 characters in encoded, got 0.
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund extended-nmea@2.1.3

cat >probe.cjs <<'JS'
const { Decoder } = require('extended-nmea');

function read(time, place) {
  const body = `GPRMC,${time},A,${place},010.0,084.4,010326,,,A`;
  let check = 0;
  for (const letter of body) check ^= letter.charCodeAt(0);
  return Decoder.decode(`$${body}*${check.toString(16).toUpperCase().padStart(2, '0')}\r\n`);
}
function show(what, value) {
  try {
    console.log(`${what} | ${value()}`);
  } catch (error) {
    console.log(`${what} | ${error.message}`);
  }
}
const HERE = '3015.60,N,09744.40,W';
for (const time of ['120000.25', '120000.90', '120000.250', '120000.5']) show(time, () => `${read(time, HERE).time.milliseconds} ms`);
for (const place of [HERE, '3015,N,09744,W', ',,,']) {
  show(place, () => {
    const { latitude, longitude } = read('120000.00', place);
    return `${latitude.decimalDegrees} ${longitude.decimalDegrees}`;
  });
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
120000.25 | 25 ms
120000.90 | 90 ms
120000.250 | 250 ms
120000.5 | Expected data formatted as 'hhmmss.sss' or 'hhmmss', but found 8 characters
3015.60,N,09744.40,W | 30.26 -97.74
3015,N,09744,W | 50.25 -162.4
,,, | Expected at least 3 characters in encoded, got 0.
TEXT
echo "as described: hundredths of a second are milliseconds, and whole minutes have no degrees"
