#!/usr/bin/env bash
# quadkeytools@0.0.2 (npm, pinned below), quadkeys as Bing's map tiles have them: all of the earth east of 85 degrees west has the longitude -85. A
# longitude is cut off where only a latitude should be (85.05 degrees, the end of the Mercator map), so Helsinki, Sydney and Rio are in tiles of the
# Caribbean and the Pacific's coast, and two buses in Europe share a tile when they are on one latitude. West of 85 degrees west, as in its readme's
# example, it is right. In Bing's description ("Bing Maps Tile System") longitudes go from -180 to 180.
# - `inside` says that a place is not in the tile that `locationToQuadkey` has given for it.
# - The west and east of that tile (`bbox`) are what the quadkey says, so nothing but the place itself shows it.
#
# Seen with Node 20.20.2:
#   the readme: 02201110223103, -160.03 to -160.00, inside true
#   Austin: 02313012033113, -97.76 to -97.73, inside true
#   Helsinki: 03002031100221, -85.06 to -85.03, inside true
#   Oslo fjord, on that latitude: 03002031100221, -85.06 to -85.03, inside true
#   Sydney: 21022013300223, -85.06 to -85.03, inside true
#   null island: 03222233322023, -85.06 to -85.03, inside true
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts quadkeytools@0.0.2

cat >probe.cjs <<'JS'
const Quadkey = require('quadkeytools');

for (const [name, location] of [
  ['the readme', { lat: 40.01234, lng: -160.02324 }],
  ['Austin', { lat: 30.26, lng: -97.74 }],
  ['Helsinki', { lat: 60.17, lng: 24.94 }],
  ['Oslo fjord, on that latitude', { lat: 60.17, lng: 10.5 }],
  ['Sydney', { lat: -33.87, lng: 151.21 }],
  ['null island', { lat: 0.1, lng: 0.1 }],
]) {
  const key = Quadkey.locationToQuadkey(location, 14);
  const { min, max } = Quadkey.bbox(key);
  console.log(`${name}: ${key}, ${min.lng.toFixed(2)} to ${max.lng.toFixed(2)}, inside ${Quadkey.inside(location, key)}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
the readme: 02201110223103, -160.03 to -160.00, inside true
Austin: 02313012033113, -97.76 to -97.73, inside true
Helsinki: 03002031100221, -85.06 to -85.03, inside true
Oslo fjord, on that latitude: 03002031100221, -85.06 to -85.03, inside true
Sydney: 21022013300223, -85.06 to -85.03, inside true
null island: 03222233322023, -85.06 to -85.03, inside true
TEXT
echo "as described: what is east of 85 degrees west is put there"
