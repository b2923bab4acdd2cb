#!/usr/bin/env bash
# dbgeo@1.1.0 (npm, pinned below), "convert database query results to GeoJSON or TopoJSON": places from two columns, as its readme has them
# (`geometryType: 'll'`), are copied as they come. A database's driver hands over what doesn't fit a JavaScript number as text (node-postgres does so
# with `numeric`, the type for exact degrees), and so the coordinates are texts. RFC 7946 (3.1.1) has numbers there, and what draws such a point adds
# texts: the middle of 24.9 and 25.1 is thousands of degrees away.
# - With `precision` the same row is a TypeError; in TopoJSON the `bbox` has texts, too, of which the lower of 9.5 and 24.9 is 24.9.
# - A row without a place has the place [null, null] instead of none (3.2).
#
# Seen with Node 20.20.2:
#   number | {"type":"Point","coordinates":[24.9,60.2]}
#   text | {"type":"Point","coordinates":["24.9","60.2"]}
#   none | {"type":"Point","coordinates":[null,null]}
#   TopoJSON | ["24.9","60.2","9.5","60.2"]
#   with precision | TypeError
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dbgeo@1.1.0

cat >probe.cjs <<'JS'
const dbgeo = require('dbgeo');

const geometryColumn = ['longitude', 'latitude'];
const rows = [
  { name: 'number', longitude: 24.9, latitude: 60.2 },
  { name: 'text', longitude: '24.9', latitude: '60.2' },
  { name: 'none', longitude: null, latitude: null },
];
dbgeo.parse(rows, { geometryType: 'll', geometryColumn }, (error, { features }) => {
  for (const { geometry, properties } of features) console.log(`${properties.name} | ${JSON.stringify(geometry)}`);
});
const two = [rows[1], { name: 'west', longitude: '9.5', latitude: '60.2' }];
dbgeo.parse(two, { geometryType: 'll', geometryColumn, outputFormat: 'topojson' }, (error, { bbox }) => {
  console.log(`TopoJSON | ${JSON.stringify(bbox)}`);
  try {
    dbgeo.parse([rows[1]], { geometryType: 'll', geometryColumn, precision: 3 }, () => console.log('with precision | no error'));
  } catch (error) {
    console.log(`with precision | ${error.constructor.name}`);
  }
});
JS
node probe.cjs 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
number | {"type":"Point","coordinates":[24.9,60.2]}
text | {"type":"Point","coordinates":["24.9","60.2"]}
none | {"type":"Point","coordinates":[null,null]}
TopoJSON | ["24.9","60.2","9.5","60.2"]
with precision | TypeError
TEXT
echo "as described: places that come as texts are texts"
