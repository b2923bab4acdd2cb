#!/usr/bin/env bash
# topojson-server@3.0.1 (npm, pinned below, with topojson-client@3.1.0): two tracks on the same road have one set of altitudes and times, those of the
# first. `topology` finds shared arcs by x and y alone, and keeps the third and fourth numbers of one. A bus that comes back by the way it went has
# the times of the way there, backwards. TopoJSON (2.1.1) allows any number of further elements in a position, as GeoJSON does.
# - With its second argument, the quantization that its readme recommends, they are gone from all lines and points. `quantize` of topojson-client,
#   which does the same to a finished topology, keeps them.
#
# Seen with Node 20.20.2; the altitudes and times, written as GeoJSON and read again:
#   sent | there 100@0 110@60 120@120 | back 125@600 115@660 105@720
#   topology(…) | there 100@0 110@60 120@120 | back 120@120 110@60 100@0
#   topology(…, 1e5) | there - - - | back - - -
#   quantize(topology(…), 1e5) | there 100@0 110@60 120@120 | back 120@120 110@60 100@0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund topojson-server@3.0.1 topojson-client@3.1.0

cat >probe.cjs <<'JS'
const { topology } = require('topojson-server');
const { feature, quantize } = require('topojson-client');

const track = (name, ...coordinates) => ({ type: 'Feature', properties: { name }, geometry: { type: 'LineString', coordinates } });
const tracks = {
  type: 'FeatureCollection',
  features: [
    track('there', [-97.74, 30.26, 100, 0], [-97.75, 30.27, 110, 60], [-97.76, 30.29, 120, 120]),
    track('back', [-97.76, 30.29, 125, 600], [-97.75, 30.27, 115, 660], [-97.74, 30.26, 105, 720]),
  ],
};
const copy = () => ({ tracks: structuredClone(tracks) });
function show(what, { features }) {
  const rest = ([, , altitude, time]) => (altitude === undefined ? '-' : `${altitude}@${time}`);
  const lines = features.map(({ properties, geometry }) => `${properties.name} ${geometry.coordinates.map(rest).join(' ')}`);
  console.log(`${what} | ${lines.join(' | ')}`);
}
const again = (made) => feature(made, made.objects.tracks);

show('sent', tracks);
show('topology(…)', again(topology(copy())));
show('topology(…, 1e5)', again(topology(copy(), 1e5)));
show('quantize(topology(…), 1e5)', again(quantize(topology(copy()), 1e5)));
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
sent | there 100@0 110@60 120@120 | back 125@600 115@660 105@720
topology(…) | there 100@0 110@60 120@120 | back 120@120 110@60 100@0
topology(…, 1e5) | there - - - | back - - -
quantize(topology(…), 1e5) | there 100@0 110@60 120@120 | back 120@120 110@60 100@0
TEXT
echo "as described: the second track has the altitudes and times of the first, and a quantized one has none"
