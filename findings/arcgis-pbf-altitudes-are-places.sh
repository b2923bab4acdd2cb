#!/usr/bin/env bash
# arcgis-pbf-parser@0.0.4 (npm, pinned below, with pbf@3.3.0), from what an ArcGIS feature service answers to `f=pbf` to GeoJSON:
# - A line or an area with altitudes (`returnZ=true`) is another one. The numbers come in threes then, and are read in twos: an altitude is a
#   longitude, a longitude is a latitude, and points are lost. Nothing is said; the line is near the right place and zigzags.
# - A point at altitude 0 has none; of other points the altitude is right.
# - With the origin at the lower left, which a client may ask for (`quantizationParameters`), north is south of it.
# - A multipoint is an area of one ring.
#
# Seen on 2026-11-30 with Node 20.20.2:
#   line | [[-97.74,30.26],[-97.73,30.25],[-97.72,30.24]]
#   line at 150 m and up | [[-97.74,30.26],[-97.725,30.25],[-97.715,30.2499]]
#   point at 150 m | [-97.74,30.26,150]
#   point at 0 m | [-97.74,30.26]
#   point from the lower left 30 | [-97.74,29.74]
#   multipoint | Polygon
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund arcgis-pbf-parser@0.0.4 pbf@3.3.0

cat >probe.cjs <<'JS'
const decode = require('arcgis-pbf-parser');
const Pbf = require('pbf');

const [POINT, MULTIPOINT, LINE] = [0, 1, 2];
// One feature, by the numbers of Esri's FeatureCollection.proto. Numbers are steps of 1e-5 degrees and of 0.1 m from the origin,
// each point but the first as the difference to the one before; at the upper left latitudes count downwards.
function read({ type, coords, lengths = [], hasZ = false, lower = false }) {
  const pbf = new Pbf();
  const message = (to, tag, write) => to.writeMessage(tag, (_, inner) => write(inner), null);
  message(pbf, 2, (result) => message(result, 1, (features) => {
    features.writeStringField(1, 'OBJECTID');
    features.writeVarintField(7, type);
    features.writeBooleanField(10, hasZ);
    message(features, 12, (transform) => {
      transform.writeVarintField(1, lower ? 1 : 0);
      message(transform, 2, (scale) => [1e-5, 1e-5, 1, 0.1].forEach((step, i) => scale.writeDoubleField(i + 1, step)));
      message(transform, 3, (origin) => [-98, lower ? 30 : 31, 0, 0].forEach((at, i) => origin.writeDoubleField(i + 1, at)));
    });
    message(features, 13, (field) => {
      field.writeStringField(1, 'OBJECTID');
      field.writeVarintField(2, 6);
    });
    message(features, 15, (feature) => {
      message(feature, 1, (value) => value.writeVarintField(5, 7));
      message(feature, 2, (geometry) => {
        geometry.writePackedVarint(2, lengths);
        geometry.writePackedSVarint(3, coords);
      });
    });
  }));
  return decode(pbf.finish()).featureCollection.features[0].geometry;
}
const show = (name, { coordinates }) => {
  const rounded = JSON.stringify(coordinates, (_, value) => (typeof value === 'number' ? Number(value.toFixed(6)) : value));
  console.log(`${name} | ${rounded}`);
};
show('line', read({ type: LINE, lengths: [3], coords: [26000, 74000, 1000, 1000, 1000, 1000] }));
show('line at 150 m and up', read({ type: LINE, lengths: [3], hasZ: true, coords: [26000, 74000, 1500, 1000, 1000, 10, 1000, 1000, 10] }));
show('point at 150 m', read({ type: POINT, hasZ: true, coords: [26000, 74000, 1500] }));
show('point at 0 m', read({ type: POINT, hasZ: true, coords: [26000, 74000, 0] }));
show('point from the lower left 30', read({ type: POINT, lower: true, coords: [26000, 26000] }));
console.log(`multipoint | ${read({ type: MULTIPOINT, lengths: [2], coords: [26000, 74000, 1000, 1000] }).type}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
line | [[-97.74,30.26],[-97.73,30.25],[-97.72,30.24]]
line at 150 m and up | [[-97.74,30.26],[-97.725,30.25],[-97.715,30.2499]]
point at 150 m | [-97.74,30.26,150]
point at 0 m | [-97.74,30.26]
point from the lower left 30 | [-97.74,29.74]
multipoint | Polygon
TEXT
echo "as described: altitudes are read as places"
