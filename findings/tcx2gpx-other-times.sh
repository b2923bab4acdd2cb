#!/usr/bin/env bash
# tcx2gpx@0.1.6 (PyPI, pinned below), from TCX to GPX: one point without a place moves the whole track in time. Places, altitudes and times are taken
# as three lists, each of what there is, and put together in order. In TCX place and altitude are optional, and receivers write points
# without them until they have a fix. A watch that took ten seconds for it has each later place ten seconds early; a point without an
# altitude gives each later altitude to the point before; and at the end as many points are lost as any of the lists is short.
#
# Seen on 2026-11-30 with Python 3.11; latitude, altitude and seconds of each point, in TCX and in GPX:
#   TCX | - - 0 | 30.26 - 10 | 30.27 150 20 | 30.28 160 30 | 30.29 170 40
#   GPX | 30.26 150 0 | 30.27 160 10 | 30.28 170 20
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check tcx2gpx==0.1.6 gpxpy==1.6.2 python-tcxparser==2.4.0

cat >probe.py <<'PY'
from datetime import datetime, timedelta, timezone
from pathlib import Path

import gpxpy
from tcx2gpx.tcx2gpx import TCX2GPX

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
POINTS = [(None, None, 0), (30.26, None, 10), (30.27, 150, 20), (30.28, 160, 30), (30.29, 170, 40)]


def stamp(seconds):
    return (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def point(latitude, altitude, seconds):
    place = f"<Position><LatitudeDegrees>{latitude}</LatitudeDegrees><LongitudeDegrees>-97.74</LongitudeDegrees></Position>"
    height = f"<AltitudeMeters>{altitude}</AltitudeMeters>"
    inside = (place if latitude else "") + (height if altitude else "")
    return f"<Trackpoint><Time>{stamp(seconds)}</Time>{inside}</Trackpoint>"


Path("ride.tcx").write_text(
    '<?xml version="1.0"?>'
    '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
    f'<Activity Sport="Biking"><Id>{stamp(0)}</Id><Lap StartTime="{stamp(0)}"><TotalTimeSeconds>40</TotalTimeSeconds>'
    "<DistanceMeters>0</DistanceMeters><Calories>0</Calories><Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod>"
    f"<Track>{''.join(point(*each) for each in POINTS)}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
)
TCX2GPX("ride.tcx").convert()
[track] = gpxpy.parse(Path("ride.gpx").read_text()).tracks
read = [(point.latitude, round(point.elevation), (point.time - START).seconds) for point in track.segments[0].points]


def show(points):
    return [" ".join("-" if value is None else str(value) for value in each) for each in points]


print("TCX", *show(POINTS), sep=" | ")
print("GPX", *show(read), sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
TCX | - - 0 | 30.26 - 10 | 30.27 150 20 | 30.28 160 30 | 30.29 170 40
GPX | 30.26 150 0 | 30.27 160 10 | 30.28 170 20
TEXT
echo "as described: places and altitudes have the times of other points"
