#!/usr/bin/env bash
# kmlorm@1.1.1 (PyPI, pinned below), which asks KML questions as Django asks a database: a fence or a track without altitudes, as most are (KML has
# them as optional), has other corners. The numbers of `coordinates` are taken three by three, whatever the commas and blanks say: of 5 corners with
# 2 numbers each, 3 are left, and 2 of them don't exist. Holes are read alike. Lines are read alike. The same fence with altitudes is right, and so
# are points without.
# What stands in a MultiGeometry is found on its own, without the Placemark's name, and the Placemark has none of it.
#
# Seen with Python 3.11:
#   fence 20,60,0 24,60,0 24,64,0 20,64,0 20,60,0
#     20,60,0 24,60,0 24,64,0 20,64,0 20,60,0
#   hole 21,61,0 22,61,0 22,62,0 21,61,0
#     21,61,0 22,61,0 22,62,0 21,61,0
#   fence 20,60 24,60 24,64 20,64 20,60
#     20,60,24 60,24,64 20,64,20
#   hole 21,61 22,61 22,62 21,61
#     21,61,22 61,22,62 21,61
#   line 20,60 24,60 24,64
#     20,60,24 60,24,64
#   points | None at 20,60 | 1 at 24,64
#   placemarks | 0 without a place | 1 with a place
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check kmlorm==1.1.1

cat >probe.py <<'PY'
from kmlorm import KMLFile


def kml(*placemarks):
    marks = "".join(f"<Placemark><name>{i}</name>{inner}</Placemark>" for i, inner in enumerate(placemarks))
    return KMLFile.from_string(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>')


def ring(name, text):
    return f"<{name}><LinearRing><coordinates>{text}</coordinates></LinearRing></{name}>"


def show(corners):
    return " ".join(",".join(f"{it:g}" for it in corner) for corner in corners)


for outer, inner in [
    ("20,60,0 24,60,0 24,64,0 20,64,0 20,60,0", "21,61,0 22,61,0 22,62,0 21,61,0"),
    ("20,60 24,60 24,64 20,64 20,60", "21,61 22,61 22,62 21,61"),
]:
    (polygon,) = kml(f"<Polygon>{ring('outerBoundaryIs', outer)}{ring('innerBoundaryIs', inner)}</Polygon>").polygons.all()
    print(f"fence {outer}\n  {show(polygon.outer_boundary)}")
    print(f"hole {inner}\n  {show(polygon.inner_boundaries[0])}")
(line,) = kml("<LineString><coordinates>20,60 24,60 24,64</coordinates></LineString>").paths.all()
print(f"line 20,60 24,60 24,64\n  {show(line.coordinates)}")
file = kml("<MultiGeometry><Point><coordinates>20,60</coordinates></Point></MultiGeometry>", "<Point><coordinates>24,64</coordinates></Point>")
print("points", *(f"{it.name} at {it.coordinates.longitude:g},{it.coordinates.latitude:g}" for it in file.points.all()), sep=" | ")
print("placemarks", *(f"{it.name} {'with' if it.coordinates else 'without'} a place" for it in file.placemarks.all()), sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
fence 20,60,0 24,60,0 24,64,0 20,64,0 20,60,0
  20,60,0 24,60,0 24,64,0 20,64,0 20,60,0
hole 21,61,0 22,61,0 22,62,0 21,61,0
  21,61,0 22,61,0 22,62,0 21,61,0
fence 20,60 24,60 24,64 20,64 20,60
  20,60,24 60,24,64 20,64,20
hole 21,61 22,61 22,62 21,61
  21,61,22 61,22,62 21,61
line 20,60 24,60 24,64
  20,60,24 60,24,64
points | None at 20,60 | 1 at 24,64
placemarks | 0 without a place | 1 with a place
TEXT
echo "as described: corners without an altitude are read three numbers at a time"
