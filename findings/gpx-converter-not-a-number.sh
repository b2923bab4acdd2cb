#!/usr/bin/env bash
# gpx-converter@2.1.0 (PyPI, pinned below), GPX to CSV and back: a point without an elevation or a time, which GPX allows, comes back with words in
# their place: `<ele>nan</ele>` and `<time>NaT</time>`. Both are against the schema of GPX (xsd:decimal, xsd:dateTime), and what others make of them
# is not the track: gpxpy@1.6.2, with which it is written, says that it goes 0 m up, where it goes 20; @tmcw/togeojson@7.1.3 (npm) gives "NaT" for a
# time.
#
# Seen with Python 3.11 and Node 20.20.2, the second and third point of a file that went to CSV and back, then lowest, highest and metres up before and after:
#   <trkpt lat="60.0" lon="24.01"><ele>nan</ele><time>2026-03-01T12:00:10Z</time></trkpt>
#   <trkpt lat="60.0" lon="24.02"><ele>30.0</ele><time>NaT</time></trkpt>
#   gpxpy | 10.0 | 30.0 | 20.0
#   gpxpy | 10.0 | 30.0 | 0.0
#   togeojson | ["2026-03-01T12:00:00Z","2026-03-01T12:00:10Z","NaT"] | [[24,60,10],[24.01,60],[24.02,60,30]]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gpx-converter==2.1.0 gpxpy==1.6.2 pandas==3.1.1 numpy==2.4.6
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @tmcw/togeojson@7.1.3 @xmldom/xmldom@0.9.12

cat >probe.py <<'PY'
import re

import gpxpy
from gpx_converter import Converter

POINTS = """<trkpt lat="60" lon="24"><ele>10</ele><time>2026-03-01T12:00:00Z</time></trkpt>
<trkpt lat="60" lon="24.01"><time>2026-03-01T12:00:10Z</time></trkpt>
<trkpt lat="60" lon="24.02"><ele>30</ele></trkpt>"""
GPX = f'<gpx version="1.1" creator="probe" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{POINTS}</trkseg></trk></gpx>'

with open("there.gpx", "w") as file:
    file.write(GPX)
Converter(input_file="there.gpx").gpx_to_csv(output_file="there.csv")
Converter(input_file="there.csv").csv_to_gpx(
    lats_colname="latitude", longs_colname="longitude", times_colname="time", alts_colname="altitude", output_file="back.gpx"
)
with open("back.gpx") as file:
    back = file.read()
for point in re.findall(r"<trkpt.*?</trkpt>", back, re.S)[1:]:
    print(re.sub(r"\s*\n\s*", "", point))
for text in [GPX, back.replace("<time>NaT</time>", "")]:
    track = gpxpy.parse(text).tracks[0]
    print("gpxpy", *track.get_elevation_extremes(), f"{track.get_uphill_downhill().uphill:.1f}", sep=" | ")
PY
cat >probe.mjs <<'JS'
import { readFileSync } from 'fs';
import { gpx } from '@tmcw/togeojson';
import { DOMParser } from '@xmldom/xmldom';

const { features } = gpx(new DOMParser().parseFromString(readFileSync('back.gpx', 'utf8'), 'text/xml'));
console.log(`togeojson | ${JSON.stringify(features[0].properties.coordinateProperties.times)} | ${JSON.stringify(features[0].geometry.coordinates)}`);
JS
{ env/bin/python probe.py; node probe.mjs; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
<trkpt lat="60.0" lon="24.01"><ele>nan</ele><time>2026-03-01T12:00:10Z</time></trkpt>
<trkpt lat="60.0" lon="24.02"><ele>30.0</ele><time>NaT</time></trkpt>
gpxpy | 10.0 | 30.0 | 20.0
gpxpy | 10.0 | 30.0 | 0.0
togeojson | ["2026-03-01T12:00:00Z","2026-03-01T12:00:10Z","NaT"] | [[24,60,10],[24.01,60],[24.02,60,30]]
TEXT
echo "as described: what is empty comes back as nan and NaT"
