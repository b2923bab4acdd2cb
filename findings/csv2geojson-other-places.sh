#!/usr/bin/env bash
# csv2geojson@5.1.2 (npm, pinned below): a number is read as far as it is understood, and the rest is dropped without an error.
# - A number with an exponent, as Python writes small ones (5e-05) and JavaScript smaller ones, is its first digits: a bus in Greenwich, three
#   metres east of the meridian, is at 5 degrees, in the Netherlands.
# - With decimal commas, as spreadsheets write in half of Europe and Brazil, places are whole degrees.
# - Degrees and minutes without their marks, as receivers show them (30 15.6 N), are whole degrees, and the letter is lost: west is east.
# - Degrees and minutes as NMEA has them are 3,015 degrees. Nothing out of range is refused.
# - Which columns are meant is guessed by how much of a name is "lat": of `platform` and `stop_lat` as much, so that the first of them is the
#   latitude. A stop at platform 3 is at 3 degrees north.
#
# Seen on 2026-11-30 with Node 20.20.2, longitude and latitude, and the errors:
#   lat,lon|30.26,-97.74 | -97.74 30.26 | no error
#   lat,lon|51.4779,5e-05 | 5 51.4779 | no error
#   lat;lon|30,26;-97,74 | -97 30 | no error
#   lat,lon|30 15.6 N,97 44.4 W | 97 30 | no error
#   lat,lon|3015.60N,09744.40W | -9744.4 3015.6 | no error
#   platform,stop_lat,stop_lon|3,30.26,-97.74 | -97.74 3 | no error
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund csv2geojson@5.1.2

cat >probe.cjs <<'JS'
const { csv2geojson } = require('csv2geojson');

for (const [head, row] of [
  ['lat,lon', '30.26,-97.74'],
  ['lat,lon', '51.4779,5e-05'],
  ['lat;lon', '30,26;-97,74'],
  ['lat,lon', '30 15.6 N,97 44.4 W'],
  ['lat,lon', '3015.60N,09744.40W'],
  ['platform,stop_lat,stop_lon', '3,30.26,-97.74'],
]) {
  const delimiter = head.includes(';') ? ';' : ',';
  csv2geojson(`${head}\n${row}\n`, { delimiter }, (error, { features: [{ geometry }] }) => {
    console.log(`${head}|${row} | ${geometry.coordinates.join(' ')} | ${error ? error.length : 'no'} error`);
  });
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
lat,lon|30.26,-97.74 | -97.74 30.26 | no error
lat,lon|51.4779,5e-05 | 5 51.4779 | no error
lat;lon|30,26;-97,74 | -97 30 | no error
lat,lon|30 15.6 N,97 44.4 W | 97 30 | no error
lat,lon|3015.60N,09744.40W | -9744.4 3015.6 | no error
platform,stop_lat,stop_lon|3,30.26,-97.74 | -97.74 3 | no error
TEXT
echo "as described: places are other ones, without an error"
