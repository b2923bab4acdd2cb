#!/usr/bin/env bash
# gps-util@1.0.1 (npm, pinned below, with exiftool-vendored.pl@13.59.3, the exiftool that it calls): every photo was taken in the north and east.
# The sign of a latitude is made by W and that of a longitude by S, which neither ever is: Austin is in China, Rio in Arabia. A place below
# the sea is as much above it.
# - Of a GPX track with several segments, and of a TCX activity with several laps, as receivers write them after each pause, the first is read and
#   the others are not. Nothing is said.
# - `toKml` writes the words "null" and "undefined" where a point has no altitude: the latter for all points of TCX, whose altitude has
#   another name in the library. A point at 0 m has no altitude behind `calculateFromGPX`.
# - Minutes and seconds come out as 60 seconds, and `toDD` has four decimals, 11 m.
#
# Seen on 2026-11-30 with Node 20.20.2:
#   photo 59.9 10.7 20 | 59.9 10.7 20
#   photo 30.26 -97.74 150 | 30.26 97.74 150
#   photo -22.9 -43.2 -3 | 22.9 43.2 3
#   GPX, 3 points and 1 | 3 points | altitudes 0 none 5 | KML -97.74,30.26,0 -97.74,30.27,null -97.74,30.275,5 | calculated none none 5
#   TCX, laps of 1 and 1 | 1 points | KML -97.74,30.26,undefined
#   30.9999999 | 30° 59' 60" N
#   97° 44' 24.4" | 97.7401
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gps-util@1.0.1 exiftool-vendored.pl@13.59.3
mkdir bin
printf '#!/bin/sh\nexec perl %s "$@"\n' "$folder/node_modules/exiftool-vendored.pl/bin/exiftool" >bin/exiftool
chmod +x bin/exiftool
export PATH=$folder/bin:$PATH

cat >probe.cjs <<'JS'
const { execFileSync } = require('child_process');
const fs = require('fs');
const { promisify } = require('util');
const gps = require('gps-util');

// The smallest JPEG, of one white pixel.
const PIXEL = '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP////////////////////////////////////////////////////////////////////////////////////' +
  '//wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=';
const line = (kml) => kml.match(/<coordinates>([^<]*)/)[1].split('\n').join(' ');
const none = (value) => value ?? 'none';

(async () => {
  for (const [latitude, longitude, altitude] of [[59.9, 10.7, 20], [30.26, -97.74, 150], [-22.9, -43.2, -3]]) {
    fs.writeFileSync('photo.jpg', Buffer.from(PIXEL, 'base64'));
    const tags = [
      `-GPSLatitude=${Math.abs(latitude)}`, `-GPSLatitudeRef=${latitude < 0 ? 'S' : 'N'}`,
      `-GPSLongitude=${Math.abs(longitude)}`, `-GPSLongitudeRef=${longitude < 0 ? 'W' : 'E'}`,
      `-GPSAltitude=${Math.abs(altitude)}`, `-GPSAltitudeRef=${altitude < 0 ? 1 : 0}`,
    ];
    execFileSync('exiftool', ['-q', '-overwrite_original', '-n', ...tags, 'photo.jpg']);
    const read = await promisify(gps.imageGpsInfo)('photo.jpg');
    const told = [read.GPSLatitude, read.GPSLongitude, read.GPSAltitude].join(' ');
    console.log(`photo ${latitude} ${longitude} ${altitude} | ${told}`);
  }

  const point = (latitude, at, altitude) =>
    `<trkpt lat="${latitude}" lon="-97.74">${altitude === undefined ? '' : `<ele>${altitude}</ele>`}<time>2026-03-01T${at}Z</time></trkpt>`;
  const first = point(30.26, '12:00:00', 0) + point(30.27, '12:01:00') + point(30.275, '12:02:00', 5);
  const gpx = `<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk>
    <trkseg>${first}</trkseg><trkseg>${point(30.28, '13:00:00', 7)}</trkseg></trk></gpx>`;
  const points = await promisify(gps.gpxParse)(gpx);
  const kml = line(await promisify(gps.toKml)(points));
  const calculated = await promisify(gps.calculateFromGPX)(points);
  const altitudes = (list) => list.map(({ ele }) => none(ele)).join(' ');
  console.log(`GPX, 3 points and 1 | ${points.length} points | altitudes ${altitudes(points)} | KML ${kml} | ` +
    `calculated ${altitudes(calculated.points)}`);

  const lap = (at) => `<Lap StartTime="2026-03-01T${at}Z"><TotalTimeSeconds>60</TotalTimeSeconds><DistanceMeters>0</DistanceMeters>
    <Calories>0</Calories><Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod><Track><Trackpoint><Time>2026-03-01T${at}Z</Time>
    <Position><LatitudeDegrees>30.26</LatitudeDegrees><LongitudeDegrees>-97.74</LongitudeDegrees></Position>
    <AltitudeMeters>150</AltitudeMeters></Trackpoint></Track></Lap>`;
  const tcx = `<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
    <Activity Sport="Biking"><Id>2026-03-01T12:00:00Z</Id>${lap('12:00:00')}${lap('12:01:00')}</Activity></Activities></TrainingCenterDatabase>`;
  const workout = await promisify(gps.tcxParse)(tcx);
  console.log(`TCX, laps of 1 and 1 | ${workout.length} points | KML ${line(await promisify(gps.toKml)(workout))}`);
  console.log(`30.9999999 | ${gps.getDMSLatitude(30.9999999)}`);
  console.log(`97° 44' 24.4" | ${gps.toDD(97, 44, 24.4)}`);
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
photo 59.9 10.7 20 | 59.9 10.7 20
photo 30.26 -97.74 150 | 30.26 97.74 150
photo -22.9 -43.2 -3 | 22.9 43.2 3
GPX, 3 points and 1 | 3 points | altitudes 0 none 5 | KML -97.74,30.26,0 -97.74,30.27,null -97.74,30.275,5 | calculated none none 5
TCX, laps of 1 and 1 | 1 points | KML -97.74,30.26,undefined
30.9999999 | 30° 59' 60" N
97° 44' 24.4" | 97.7401
TEXT
echo "as described: photos are in the north and east, and of a track there is the first part"
