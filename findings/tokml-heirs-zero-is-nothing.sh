#!/usr/bin/env bash
# @maphubs/tokml@0.6.1, @fulcrumapp/tokml@0.7.1 and @jlandrum/tokml@0.6.1-ts2 (npm, pinned below), heirs of tokml@0.4.0, from GeoJSON to KML: 0 and
# false are nothing. A bus with a delay of 0 s, or one that is not full, has an empty value; who reads the file can't tell it from one of
# which nothing is known. tokml itself, which they replace, and geojson-to-kml@0.0.1, another heir, write 0 and false.
# - None of them has a list or an object as JSON: a list is its members with commas, and an object is "[object Object]".
# - A feature that is not placed (geometry null, RFC 7946, 3.2) is left out with all its values. KML has placemarks without a geometry.
#
# Seen on 2026-11-30 with Node 20.20.2:
#   sent | delay=0 full=false line=801 stops=["a","b"] at={"stop":7} | placemarks 2
#   tokml | delay=0 full=false line=801 stops=a,b at=[object Object] | placemarks 1
#   geojson-to-kml | delay=0 full=false line=801 stops=a,b at=[object Object] | placemarks 1
#   @maphubs/tokml | delay= full= line=801 stops=a,b at=[object Object] | placemarks 1
#   @fulcrumapp/tokml | delay= full= line=801 stops=a,b at=[object Object] | placemarks 1
#   @jlandrum/tokml | delay= full= line=801 stops=a,b at=[object Object] | placemarks 1
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund tokml@0.4.0 geojson-to-kml@0.0.1 \
  @maphubs/tokml@0.6.1 @fulcrumapp/tokml@0.7.1 @jlandrum/tokml@0.6.1-ts2

cat >probe.cjs <<'JS'
const properties = { delay: 0, full: false, line: 801, stops: ['a', 'b'], at: { stop: 7 } };
const features = [
  { type: 'Feature', geometry: { type: 'Point', coordinates: [-97.74, 30.26] }, properties },
  { type: 'Feature', geometry: null, properties: { line: 803 } },
];
const sent = Object.entries(properties).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
console.log(`sent | ${sent.join(' ')} | placemarks ${features.length}`);
for (const name of ['tokml', 'geojson-to-kml', '@maphubs/tokml', '@fulcrumapp/tokml', '@jlandrum/tokml']) {
  const library = require(name);
  const kml = (library.default ?? library)({ type: 'FeatureCollection', features });
  const values = [...kml.matchAll(/<Data name="(\w+)">\s*<value>([^<]*)/g)].map(([, key, value]) => `${key}=${value}`);
  console.log(`${name} | ${values.join(' ')} | placemarks ${kml.match(/<Placemark/g).length}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
sent | delay=0 full=false line=801 stops=["a","b"] at={"stop":7} | placemarks 2
tokml | delay=0 full=false line=801 stops=a,b at=[object Object] | placemarks 1
geojson-to-kml | delay=0 full=false line=801 stops=a,b at=[object Object] | placemarks 1
@maphubs/tokml | delay= full= line=801 stops=a,b at=[object Object] | placemarks 1
@fulcrumapp/tokml | delay= full= line=801 stops=a,b at=[object Object] | placemarks 1
@jlandrum/tokml | delay= full= line=801 stops=a,b at=[object Object] | placemarks 1
TEXT
echo "as described: 0 and false are empty, and features without a place are left out"
