#!/usr/bin/env bash
# gpx-parse@0.10.4 (npm, pinned below): nought is minus one. A point on the equator is a degree south of it, 111 km away, and one on the
# meridian a degree west; a point at 0 m, where many coasts, rivers' mouths and harbours are, is at -1 m. A point without an altitude
# is at -1 m as well, so that a real -1 can't be told from nothing. Nothing is said.
# - A route has no name, and its points have no altitude, whatever the file says.
#
# Seen on 2026-11-30 with Node 20.20.2; latitude, longitude and altitude as the file has them, and as they are read:
#   0 9.45 12 | -1 9.45 12
#   51.4779 0 46 | 51.4779 -1 46
#   43.3 5.37 0 | 43.3 5.37 -1
#   43.3 5.37 none | 43.3 5.37 -1
#   43.3 5.37 0.4 | 43.3 5.37 0.4
#   route "Harbour" 43.3 5.37 12 | route "" 43.3 5.37 -1
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gpx-parse@0.10.4

cat >probe.cjs <<'JS'
const { promisify } = require('util');
const gpxParse = require('gpx-parse');

const places = [[0, 9.45, 12], [51.4779, 0, 46], [43.3, 5.37, 0], [43.3, 5.37], [43.3, 5.37, 0.4]];
const point = (name, [latitude, longitude, altitude]) =>
  `<${name} lat="${latitude}" lon="${longitude}">${altitude === undefined ? '' : `<ele>${altitude}</ele>`}</${name}>`;
const gpx = `<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">
  <rte><name>Harbour</name>${point('rtept', [43.3, 5.37, 12])}</rte>
  <trk><trkseg>${places.map((place) => point('trkpt', place)).join('')}</trkseg></trk></gpx>`;
const show = ({ lat, lon, elevation }) => `${lat} ${lon} ${elevation}`;

promisify(gpxParse.parseGpx)(gpx).then(({ routes: [route], tracks: [{ segments: [segment] }] }) => {
  places.forEach(([latitude, longitude, altitude = 'none'], i) => {
    console.log(`${latitude} ${longitude} ${altitude} | ${show(segment[i])}`);
  });
  console.log(`route "Harbour" 43.3 5.37 12 | route "${route.name}" ${show(route.points[0])}`);
});
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
0 9.45 12 | -1 9.45 12
51.4779 0 46 | 51.4779 -1 46
43.3 5.37 0 | 43.3 5.37 -1
43.3 5.37 none | 43.3 5.37 -1
43.3 5.37 0.4 | 43.3 5.37 0.4
route "Harbour" 43.3 5.37 12 | route "" 43.3 5.37 -1
TEXT
echo "as described: nought is minus one, and so is nothing"
