#!/usr/bin/env bash
# shape2geohash@1.2.6 (npm, pinned below), from any GeoJSON to the geohashes that it intersects:
# - A point is turned round in the caller's own object: what was longitude and latitude is latitude and longitude after the call. The
#   geohash is right the first time and that of another place the second; a map that draws the same object next has the bus at 30 east and
#   98 south. So it is with a point in a feature, in a collection and in a MultiPoint. Areas stay as they are.
# - An area that lies well inside of one geohash has none, also in the mode `intersect`, which is the default and "includes all geohashes that
#   intersect with the shape": a geofence smaller than a cell is nowhere. At 6 letters a block of 100 m is found or not by where it lies.
#
# Seen on 2026-11-30 with Node 20.20.2, a point at -97.742,30.261, its geohash and its coordinates after the call:
#   point, first call | 9v6kpu | 30.261,-97.742
#   point, second call | h8j808 | -97.742,30.261
#   feature, first call | 9v6kpu | 30.261,-97.742
#   box of 11 km, 3 letters | none
#   box of 11 km, 4 letters | none
#   box of 11 km, 5 letters | 12
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund shape2geohash@1.2.6

cat >probe.cjs <<'JS'
const shape2geohash = require('shape2geohash');

(async () => {
  const point = { type: 'Point', coordinates: [-97.742, 30.261] };
  console.log(`point, first call | ${await shape2geohash(point)} | ${point.coordinates}`);
  console.log(`point, second call | ${await shape2geohash(point)} | ${point.coordinates}`);
  const feature = { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [-97.742, 30.261] } };
  console.log(`feature, first call | ${await shape2geohash(feature)} | ${feature.geometry.coordinates}`);
  const [west, south, east, north] = [-97.9, 30.1, -97.8, 30.2];
  const box = { type: 'Polygon', coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] };
  for (const precision of [3, 4, 5]) {
    const { length } = await shape2geohash(box, { precision, hashMode: 'intersect' });
    console.log(`box of 11 km, ${precision} letters | ${length || 'none'}`);
  }
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
point, first call | 9v6kpu | 30.261,-97.742
point, second call | h8j808 | -97.742,30.261
feature, first call | 9v6kpu | 30.261,-97.742
box of 11 km, 3 letters | none
box of 11 km, 4 letters | none
box of 11 km, 5 letters | 12
TEXT
echo "as described: the caller's points are turned round, and small areas have no geohash"
