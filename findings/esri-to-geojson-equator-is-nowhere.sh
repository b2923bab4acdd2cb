#!/usr/bin/env bash
# esri-to-geojson@1.0.4 (npm, pinned below), which also makes GeoJSON of CSV: a row on the equator or the meridian of Greenwich has no place. A
# latitude or longitude of 0 is taken for none, so a station in Greenwich, a buoy on the equator and a ship that crosses one are features without a
# geometry, and a map leaves them out. Nothing is said; of Esri JSON the same places are right.
# - Stop 0801 is 801, also in a column of names.
#
# Seen with Node 20.20.2:
#   CSV | "Helsinki" | [24.94,60.17]
#   CSV | "Greenwich" | null
#   CSV | "equator" | null
#   CSV | "north of it" | [-78.46,0.0001]
#   CSV | 801 | [24.9,60.2]
#   Esri JSON | "Greenwich" | [0,51.48]
#   Esri JSON | "equator" | [-78.46,0]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts esri-to-geojson@1.0.4

cat >probe.cjs <<'JS'
const { fromCSV, fromEsri } = require('esri-to-geojson');

const rows = [
  ['60.17', '24.94', 'Helsinki'],
  ['51.48', '0', 'Greenwich'],
  ['0', '-78.46', 'equator'],
  ['0.0001', '-78.46', 'north of it'],
  ['60.2', '24.9', '0801'],
];
for (const { geometry, properties } of fromCSV([['latitude', 'longitude', 'name'], ...rows]).features) {
  console.log(`CSV | ${JSON.stringify(properties.name)} | ${JSON.stringify(geometry && geometry.coordinates)}`);
}
const features = rows.slice(1, 3).map(([y, x, name]) => ({ attributes: { name }, geometry: { x: Number(x), y: Number(y) } }));
for (const { geometry, properties } of fromEsri({ features }, { fields: [{ name: 'name', type: 'esriFieldTypeString' }] }).features) {
  console.log(`Esri JSON | ${JSON.stringify(properties.name)} | ${JSON.stringify(geometry && geometry.coordinates)}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
CSV | "Helsinki" | [24.94,60.17]
CSV | "Greenwich" | null
CSV | "equator" | null
CSV | "north of it" | [-78.46,0.0001]
CSV | 801 | [24.9,60.2]
Esri JSON | "Greenwich" | [0,51.48]
Esri JSON | "equator" | [-78.46,0]
TEXT
echo "as described: a row on the equator or the meridian has no place"
