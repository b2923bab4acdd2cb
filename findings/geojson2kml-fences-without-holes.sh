#!/usr/bin/env bash
# geojson2kml@0.2.0 and geo2kml@0.0.3 (PyPI, pinned below), from GeoJSON to KML, lose what a map shows:
# - Of a polygon with a hole, geojson2kml makes one edge of both, one behind the other: the line goes from the corner of the fence to its hole and
#   doesn't come back, and the file is not closed as KML asks. Nothing is said.
# - Its lines are above the ground by what GeoJSON has as the height above the ellipsoid: a tram at 150 m above the sea flies at 150 m. Where a
#   point has no altitude it is on the ground.
# - A place in whole degrees, as JSON has them for 30.0, is a TypeError in geojson2kml. In geo2kml any point is one, and points alone; features have
#   no names and values there.
# - A feature of several lines or areas is left out by geojson2kml, with a line in the log.
#
# Seen on 2026-11-30 with Python 3.11:
#   fence with a hole | geojson2kml: outer edge of 9 points, 0 inner | geo2kml: outer edge of 5 points, 1 inner
#   line at 150 m and without | geojson2kml: relativeToGround -97.74,30.26,150.0 -97.75,30.27,0.0
#   point 30.26 | geojson2kml: -97.74,30.26,0.0 | geo2kml: TypeError
#   point 30 | geojson2kml: TypeError | geo2kml: TypeError
#   named line | geojson2kml: named | geo2kml: not named
#   several lines | geojson2kml: nothing | geo2kml: 2 lines
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check geojson2kml==0.2.0 geo2kml==0.0.3

cat >probe.py <<'PY'
import logging
import re
from pathlib import Path

from geo2kml import to_kml
from geojson2kml.buildkml import build_kml

logging.disable()


def convert(kind, coordinates):
    feature = {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": {"name": "Guadalupe"}}
    told = []
    for write in (first, to_kml):
        try:
            told.append(write({"type": "FeatureCollection", "features": [feature | {"properties": dict(feature["properties"])}]}))
        except TypeError as error:
            told.append(type(error).__name__)
    return told


def first(collection):
    build_kml(collection, "out.kml")
    return Path("out.kml").read_text()


def lists(kml):
    return re.findall(r"<coordinates>([^<]*)", kml)


fence = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]
hole = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [1.0, 1.0]]
edges = [f"outer edge of {len(lists(kml)[0].split())} points, {kml.count('<innerB')} inner" for kml in convert("Polygon", [fence, hole])]
print("fence with a hole", f"geojson2kml: {edges[0]}", f"geo2kml: {edges[1]}", sep=" | ")
line, other = convert("LineString", [[-97.74, 30.26, 150.0], [-97.75, 30.27]])
mode = re.search(r"<altitudeMode>(\w+)", line)[1]
print("line at 150 m and without", f"geojson2kml: {mode} {lists(line)[0]}", sep=" | ")
for latitude in (30.26, 30):
    longitude = -97.74 if latitude == 30.26 else -97
    points = [(lists(kml) or [kml])[0] for kml in convert("Point", [longitude, latitude])]
    print(f"point {latitude}", f"geojson2kml: {points[0]}", f"geo2kml: {points[1]}", sep=" | ")
named = ["named" if "<name>Guadalupe" in kml else "not named" for kml in (line, other)]
print("named line", f"geojson2kml: {named[0]}", f"geo2kml: {named[1]}", sep=" | ")
counts = [f"{count} lines" if (count := kml.count("<LineString")) else "nothing" for kml in convert("MultiLineString", [fence, hole])]
print("several lines", f"geojson2kml: {counts[0]}", f"geo2kml: {counts[1]}", sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
fence with a hole | geojson2kml: outer edge of 9 points, 0 inner | geo2kml: outer edge of 5 points, 1 inner
line at 150 m and without | geojson2kml: relativeToGround -97.74,30.26,150.0 -97.75,30.27,0.0
point 30.26 | geojson2kml: -97.74,30.26,0.0 | geo2kml: TypeError
point 30 | geojson2kml: TypeError | geo2kml: TypeError
named line | geojson2kml: named | geo2kml: not named
several lines | geojson2kml: nothing | geo2kml: 2 lines
TEXT
echo "as described: holes, heights and points are lost"
