#!/usr/bin/env bash
# gpx-parser-ts@1.0.7 (npm, pinned below): what it reads of a GPX file, and computes, depends on how many there are of each.
# - A point at sea level has no elevation for `calculateElevationData`: 0 m is left out of the lowest, the average and the ways up and down. A ride
#   from a hill to the beach and back climbs nothing.
# - `toGeoJSON` gives objects of lon and lat for coordinates, where GeoJSON (RFC 7946, 3.1.1) has arrays of numbers. It raises a TypeError when a
#   file has no metadata or one waypoint, a track one point, or a track two segments, as after a pause: a list of one is read as no list, and the
#   rest the other way round.
# - Names are numbers where they can be: 007 is 7, and "1e3" is 1.
#
# Seen with Node 20.20.2:
#   10,1,20 | {"max":20,"min":1,"pos":19,"neg":9,"avg":10.333333333333334}
#   10,0,20 | {"max":20,"min":10,"pos":0,"neg":10,"avg":15}
#   10,-1,20 | {"max":20,"min":-1,"pos":21,"neg":11,"avg":9.666666666666666}
#   no waypoint, 2 points | {"lon":24,"lat":60,"ele":1}
#   2 waypoints | {"lon":24,"lat":60,"ele":1}
#   1 waypoint | TypeError
#   no metadata | TypeError
#   1 point | TypeError
#   2 segments | TypeError
#   Ride | "Ride"
#   007 | 7
#   1e3 | 1
#   12 km | "12 km"
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gpx-parser-ts@1.0.7

cat >probe.cjs <<'JS'
const GpxParser = require('gpx-parser-ts').default;

const parser = new GpxParser();
const point = (elevation, i) => `<trkpt lat="60" lon="24.0${i}"><ele>${elevation}</ele></trkpt>`;
const segment = (...elevations) => `<trkseg>${elevations.map(point).join('')}</trkseg>`;
const waypoint = '<wpt lat="60" lon="24"><name>Start</name></wpt>';
const gpx = (inner, segments, name = 'Ride') =>
  `<gpx version="1.1" creator="probe" xmlns="http://www.topografix.com/GPX/1/1"><metadata><name>All</name></metadata>${inner}<trk><name>${name}</name>${segments}</trk></gpx>`;

(async () => {
  for (const elevations of [[10, 1, 20], [10, 0, 20], [10, -1, 20]]) {
    const { trk } = await parser.parse(gpx('', segment(...elevations)));
    console.log(`${elevations} | ${JSON.stringify(parser.calculateElevationData(trk[0].trkseg.trkpt))}`);
  }
  for (const [what, file] of [
    ['no waypoint, 2 points', gpx('', segment(1, 2))],
    ['2 waypoints', gpx(waypoint + waypoint, segment(1, 2))],
    ['1 waypoint', gpx(waypoint, segment(1, 2))],
    ['no metadata', gpx('', segment(1, 2)).replace(/<metadata.*metadata>/, '')],
    ['1 point', gpx('', segment(1))],
    ['2 segments', gpx('', segment(1, 2) + segment(3, 4))],
  ]) {
    let result;
    try {
      result = `${JSON.stringify(parser.toGeoJSON(await parser.parse(file)).features[0].geometry.coordinates[0])}`;
    } catch (error) {
      result = error.name;
    }
    console.log(`${what} | ${result}`);
  }
  for (const name of ['Ride', '007', '1e3', '12 km']) {
    const { trk } = await parser.parse(gpx('', segment(1, 2), name));
    console.log(`${name} | ${JSON.stringify(trk[0].name)}`);
  }
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
10,1,20 | {"max":20,"min":1,"pos":19,"neg":9,"avg":10.333333333333334}
10,0,20 | {"max":20,"min":10,"pos":0,"neg":10,"avg":15}
10,-1,20 | {"max":20,"min":-1,"pos":21,"neg":11,"avg":9.666666666666666}
no waypoint, 2 points | {"lon":24,"lat":60,"ele":1}
2 waypoints | {"lon":24,"lat":60,"ele":1}
1 waypoint | TypeError
no metadata | TypeError
1 point | TypeError
2 segments | TypeError
Ride | "Ride"
007 | 7
1e3 | 1
12 km | "12 km"
TEXT
echo "as described: 0 m is no elevation, coordinates are objects, and one waypoint, one point or two segments are an error"
