#!/usr/bin/env bash
# geojson-polyline@1.0.3 (npm, pinned below): a track whose points have an altitude loses its longitudes. What comes back has the latitude
# for a longitude and the altitude for a latitude, without an error: a road near Austin at 150 m is at 30 east and 150 north.
# RFC 7946 (3.1.1) has the altitude as a third number, and readers may ignore it.
# A feature whose geometry is null (3.2) is a TypeError, and with it its whole collection.
#
# Seen with Node 20.20.2:
#   [[-97.74,30.26],[-97.75,30.27]] | [[-97.74,30.26],[-97.75,30.27]]
#   [[-97.74,30.26,150],[-97.75,30.27,160]] | [[30.26,150],[30.27,160]]
#   null | TypeError
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund geojson-polyline@1.0.3

cat >probe.cjs <<'JS'
const { encode, decode } = require('geojson-polyline');

for (const coordinates of [
  [[-97.74, 30.26], [-97.75, 30.27]],
  [[-97.74, 30.26, 150], [-97.75, 30.27, 160]],
]) {
  const before = JSON.stringify(coordinates);
  const again = decode(encode({ type: 'LineString', coordinates }));
  console.log(`${before} | ${JSON.stringify(again.coordinates)}`);
}
try {
  encode({ type: 'FeatureCollection', features: [{ type: 'Feature', properties: {}, geometry: null }] });
  console.log('null | encoded');
} catch (error) {
  console.log(`null | ${error.name}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
[[-97.74,30.26],[-97.75,30.27]] | [[-97.74,30.26],[-97.75,30.27]]
[[-97.74,30.26,150],[-97.75,30.27,160]] | [[30.26,150],[30.27,160]]
null | TypeError
TEXT
echo "as described: with an altitude the longitude is lost, and the others are in the wrong places"
