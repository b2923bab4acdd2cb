#!/usr/bin/env bash
# pygeoconv@1.0.1 (PyPI, pinned below), from WKT to GeoJSON and Esri JSON: a number that begins with its point loses the point, and its sign with it.
# -.25 is 25: a road in the west of London is in Hungary, and nothing is raised. WKT has such numbers (OGC 06-103r4, 7.2.2: an exact numeric literal
# may begin with a decimal point), and Oracle writes them so. What can't be read is printed on standard output, among what a program writes there, and
# is left out. With a nought before the point it is right.
#
# Seen with Python 3.11:
#   POINT (-0.25 51.5) | [-0.25, 51.5] | [-0.25, 51.5] | 0 lines printed
#   POINT (-.25 51.5) | [25, 51.5] | [25, 51.5] | 4 lines printed
#   POINT (.5 -.125) | [5, 125] | [5, 125] | 6 lines printed
#   LINESTRING (-.25 51.5, .25 51.5) | [[25, 51.5], [25, 51.5]] | [[[25, 51.5], [25, 51.5]]] | 6 lines printed
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pygeoconv==1.0.1

cat >probe.py <<'PY'
from contextlib import redirect_stdout
from io import StringIO

from pygeoconv import wkt_to_esri_json, wkt_to_geojson

for wkt in [
    "POINT (-0.25 51.5)",
    "POINT (-.25 51.5)",
    "POINT (.5 -.125)",
    "LINESTRING (-.25 51.5, .25 51.5)",
]:
    printed = StringIO()
    with redirect_stdout(printed):
        geojson = wkt_to_geojson(wkt)
        esri = wkt_to_esri_json(wkt)
    print(wkt, geojson["coordinates"], esri.get("paths") or [esri["x"], esri["y"]], f"{len(printed.getvalue().splitlines())} lines printed", sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
POINT (-0.25 51.5) | [-0.25, 51.5] | [-0.25, 51.5] | 0 lines printed
POINT (-.25 51.5) | [25, 51.5] | [25, 51.5] | 4 lines printed
POINT (.5 -.125) | [5, 125] | [5, 125] | 6 lines printed
LINESTRING (-.25 51.5, .25 51.5) | [[25, 51.5], [25, 51.5]] | [[[25, 51.5], [25, 51.5]]] | 6 lines printed
TEXT
echo "as described: -.25 is read as 25"
