#!/usr/bin/env bash
# h3@4.5.0 (PyPI, pinned below): a polygon with an edge longer than 180 degrees of longitude is read as what is not in it, without an
# error: a box from 100 west to 90 east covers the Pacific. With a point more on each long edge it is read as RFC 7946 says, which
# knows no such limit. The box of the whole world has no cells.
#
# Seen with Python 3.11:
#   edges through | any cells | Gulf of Guinea | Pacific
#   (-80, 90) | True | True | False
#   (-100, 90) | True | False | True
#   (-100, -5, 90) | True | True | False
#   (-180, 180) | False | False | False
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check h3==4.5.0

cat >probe.py <<'PY'
import h3


def covers(*west_to_east):
    south, north = [[lon, -10] for lon in west_to_east], [[lon, 10] for lon in reversed(west_to_east)]
    ring = [*south, *north, south[0]]
    cells = h3.geo_to_cells({"type": "Polygon", "coordinates": [ring]}, 2)
    return [len(cells) > 0, h3.latlng_to_cell(0, 0, 2) in cells, h3.latlng_to_cell(0, 170, 2) in cells]


print("edges through | any cells | Gulf of Guinea | Pacific")
for edge in [(-80, 90), (-100, 90), (-100, -5, 90), (-180, 180)]:
    print(edge, *covers(*edge), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
edges through | any cells | Gulf of Guinea | Pacific
(-80, 90) | True | True | False
(-100, 90) | True | False | True
(-100, -5, 90) | True | True | False
(-180, 180) | False | False | False
TEXT
echo "as described: a box wider than half the world is read as the rest of the world"
