#!/usr/bin/env bash
# coordinate-parser@1.0.7 and @mapbox/sexagesimal@1.2.0 (npm, pinned below), from written coordinates to decimal degrees: minus nought degrees are
# nought. A place less than a degree south of the equator or west of Greenwich, written with a sign in degrees and minutes as devices and tables have
# it, is on the other side, without an error: -0°30' is 0.5. Two trackers in London are in Kent, and Quito is north of the equator. With a letter
# (0°30'S), in decimals, and from -1° on, both are right.
# parse-dms@0.0.5 (npm) reads all of them.
#
# Seen with Node 20.20.2, what is written, then coordinate-parser, sexagesimal, parse-dms:
#   -1°30', -2°15' | -1.5000 -2.2500 | -1.5000 -2.2500 | -1.5000 -2.2500
#   -0.5, -0.25 | -0.5000 -0.2500 | -0.5000 -0.2500 | -0.5000 -0.2500
#   0°30'S, 0°15'W | -0.5000 -0.2500 | -0.5000 -0.2500 | -0.5000 -0.2500
#   -0°30', -0°15' | 0.5000 0.2500 | 0.5000 0.2500 | -0.5000 -0.2500
#   51°30'36", -0°7'40" | 51.5100 0.1278 | 51.5100 0.1278 | 51.5100 -0.1278
#   -0°13'12", -78°30'36" | 0.2200 -78.5100 | 0.2200 -78.5100 | -0.2200 -78.5100
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund coordinate-parser@1.0.7 @mapbox/sexagesimal@1.2.0 parse-dms@0.0.5

cat >probe.cjs <<'JS'
const sexagesimal = require('@mapbox/sexagesimal');
const Coordinates = require('coordinate-parser');
const parseDms = require('parse-dms');

for (const text of [
  `-1°30', -2°15'`,
  `-0.5, -0.25`,
  `0°30'S, 0°15'W`,
  `-0°30', -0°15'`,
  `51°30'36", -0°7'40"`,
  `-0°13'12", -78°30'36"`,
]) {
  const first = new Coordinates(text);
  const { lat, lon } = parseDms(text);
  const places = [[first.getLatitude(), first.getLongitude()], sexagesimal.pair(text), [lat, lon]];
  console.log(`${text} | ${places.map((place) => place.map((it) => it.toFixed(4)).join(' ')).join(' | ')}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
-1°30', -2°15' | -1.5000 -2.2500 | -1.5000 -2.2500 | -1.5000 -2.2500
-0.5, -0.25 | -0.5000 -0.2500 | -0.5000 -0.2500 | -0.5000 -0.2500
0°30'S, 0°15'W | -0.5000 -0.2500 | -0.5000 -0.2500 | -0.5000 -0.2500
-0°30', -0°15' | 0.5000 0.2500 | 0.5000 0.2500 | -0.5000 -0.2500
51°30'36", -0°7'40" | 51.5100 0.1278 | 51.5100 0.1278 | 51.5100 -0.1278
-0°13'12", -78°30'36" | 0.2200 -78.5100 | 0.2200 -78.5100 | -0.2200 -78.5100
TEXT
echo "as described: -0°30' is read as 0.5"
