#!/usr/bin/env bash
# gridtools@1.0.0.post1 (PyPI, pinned below), Maidenhead locators as radio amateurs send them: of one with ten characters the last four are dropped,
# without an error. Each pair of characters makes the square smaller: six are a few kilometres, eight some hundred metres, ten some tens. With eight
# it is read to the metre; with ten it is in the middle of the square of six, up to 4 km off, so that a station moves away when it says more exactly
# where it is. `check_grid` calls all three valid.
# - What is written has eight characters at most.
#
# Seen with Python 3.11:
#   JN58 | 48.5000 11.0000 | JN58 | True
#   JN58td | 48.1458 11.6250 | JN58td | True
#   JN58td00 | 48.1271 11.5875 | JN58td00 | True
#   JN58td00aa | 48.1458 11.6250 | JN58td00aa | True
#   JN58td99 | 48.1646 11.6625 | JN58td99 | True
#   JN58td99xx | 48.1458 11.6250 | JN58td99xx | True
#   48.126 11.584 | JN58td00
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gridtools==1.0.0.post1

cat >probe.py <<'PY'
from gridtools import Grid, LatLong, check_grid

for locator in ["JN58", "JN58td", "JN58td00", "JN58td00aa", "JN58td99", "JN58td99xx"]:
    grid = Grid(locator)
    print(locator, f"{grid.lat:.4f} {grid.long:.4f}", grid.grid, bool(check_grid(locator)), sep=" | ")
print("48.126 11.584", Grid(LatLong(48.126, 11.584)).grid, sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
JN58 | 48.5000 11.0000 | JN58 | True
JN58td | 48.1458 11.6250 | JN58td | True
JN58td00 | 48.1271 11.5875 | JN58td00 | True
JN58td00aa | 48.1458 11.6250 | JN58td00aa | True
JN58td99 | 48.1646 11.6625 | JN58td99 | True
JN58td99xx | 48.1458 11.6250 | JN58td99xx | True
48.126 11.584 | JN58td00
TEXT
echo "as described: of ten characters the last four are dropped"
