#!/usr/bin/env bash
# dms-to-decimal@0.0.6 (npm, pinned below), from degrees, minutes and seconds to decimals: a coordinate in which one of the three is 0 is 0, whatever
# the others are, and nothing is said. A place at a whole minute (46°59'0") or within the first degree (London's longitude), and one in thirty of all
# others, is on the equator or the meridian; two such numbers are in the Gulf of Guinea. Sixty seconds, which come of rounding, are 0 as well. With
# three numbers that are not 0 it is right.
# - The other way seconds are cut off, not rounded: the longitude of its readme's example, 122°54'8" to a tenth of a millimetre, is 122°54'7", 20 m
#   away.
#
# Seen with Node 20.20.2:
#   46°59'5"N | 46.984722222222224
#   46°59'0"N | 0
#   46°0'5"N | 0
#   0°7'39"W | 0
#   90°0'0"N | 0
#   46°59'60"N | 0
#   7°40'1"S | -7.666944444444445
#   -122.90222222222222 | 122°54'7"W
#   51.99999 | 51°59'59"N
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dms-to-decimal@0.0.6

cat >probe.cjs <<'JS'
const { DMS2Decimal, Decimal2DMS } = require('dms-to-decimal');

for (const [degrees, minutes, seconds, direction] of [
  [46, 59, 5, 'N'],
  [46, 59, 0, 'N'],
  [46, 0, 5, 'N'],
  [0, 7, 39, 'W'],
  [90, 0, 0, 'N'],
  [46, 59, 60, 'N'],
  [7, 40, 1, 'S'],
]) {
  console.log(`${degrees}°${minutes}'${seconds}"${direction} | ${DMS2Decimal(degrees, minutes, seconds, direction)}`);
}
console.log(`-122.90222222222222 | ${Decimal2DMS(-122.90222222222222, 'longitude')}`);
console.log(`51.99999 | ${Decimal2DMS(51.99999, 'latitude')}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
46°59'5"N | 46.984722222222224
46°59'0"N | 0
46°0'5"N | 0
0°7'39"W | 0
90°0'0"N | 0
46°59'60"N | 0
7°40'1"S | -7.666944444444445
-122.90222222222222 | 122°54'7"W
51.99999 | 51°59'59"N
TEXT
echo "as described: a coordinate with a 0 in it is 0"
