#!/usr/bin/env bash
# geojson-antimeridian-cut@0.1.0 (npm, pinned below): a polygon that crosses the antimeridian is cut in two, and each half has all the holes of the
# whole: also those that lie in the other half, outside of its own edge. Whoever fills it by the even-odd rule paints the hole,
# on the far side of its edge, and takes a place in it for one inside.
# A box of the whole world, which touches the antimeridian and doesn't cross it, comes back in two with latitudes that are NaN. Of a
# line with altitudes the two points at the cut have none.
#
# Seen with Node 20.20.2:
#   half from 170 to 180 | holes from 175 to 178
#   half from -180 to -170 | holes from 175 to 178
#   the world | NaN
#   [[170,0,5],[-170,10,15]] | [[[170,0,5],[180,5]],[[-180,5],[-170,10,15]]]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund geojson-antimeridian-cut@0.1.0

cat >probe.cjs <<'JS'
const cut = require('geojson-antimeridian-cut');

const box = (west, south, east, north) => [[west, south], [east, south], [east, north], [west, north], [west, south]];
const span = (ring) => {
  const longitudes = ring.map(([longitude]) => longitude);
  return `from ${Math.min(...longitudes)} to ${Math.max(...longitudes)}`;
};
const hole = box(175, 4, 178, 6).reverse();
for (const [edge, ...holes] of cut({ type: 'Polygon', coordinates: [box(170, 0, -170, 10), hole] }).coordinates) {
  console.log(`half ${span(edge)} | holes ${holes.map(span).join(', ')}`);
}
const world = cut({ type: 'Polygon', coordinates: [box(-180, -90, 180, 90)] });
console.log(`the world | ${world.coordinates.flat(3).find(Number.isNaN)}`);
const line = [[170, 0, 5], [-170, 10, 15]];
console.log(`${JSON.stringify(line)} | ${JSON.stringify(cut({ type: 'LineString', coordinates: line }).coordinates)}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
half from 170 to 180 | holes from 175 to 178
half from -180 to -170 | holes from 175 to 178
the world | NaN
[[170,0,5],[-170,10,15]] | [[[170,0,5],[180,5]],[[-180,5],[-170,10,15]]]
TEXT
echo "as described: holes are in both halves, and a box of the world has latitudes that are no numbers"
