#!/usr/bin/env bash
# m3s@0.5.1 (PyPI, pinned below, with numpy, shapely and geopandas as pip resolves them), which has "a consistent interface for working with different
# spatial grid systems": three of its grids have names that are another place's, or none. Geohash, MGRS, Maidenhead and map tiles are right.
# - Plus codes have latitude and longitude in the wrong order and the plus behind four characters: Austin is 6842+7766, where Google's is 86247766+22.
#   What reads it takes it for a short code, near to wherever one is.
# - GARS has a letter for every twelve degrees of latitude and another for each half degree, without I and O; here others are counted, and Sydney is
#   663EI.
# - C-squares have 1 for the north-east, 3 for the south-east, 5 for the south-west and 7 for the north-west, and then tens of degrees (CSIRO,
#   C-squares Specification 1.1). In the north-east they are right; Austin's 7309 is 3308, which is in the Indian Ocean, and Sydney's 3315 is 7515,
#   which is in the north-west.
# Each grid reads its own names back, so nothing shows it within.
#
# Seen with Python 3.11:
#   Austin | plus code | 6842+7766 | should be 86247766+22
#   Austin | GARS | 165JG | should be 165LA
#   Austin | C-squares | 3308 | should be 7309
#   Sydney | plus code | R4HR+646J | should be 4RRH46J6+22
#   Sydney | GARS | 663EI | should be 663ES
#   Sydney | C-squares | 7515 | should be 3315
#   Helsinki | plus code | G96G+W5QC | should be 9GG65WCR+22
#   Helsinki | GARS | 410LO | should be 410NN
#   Helsinki | C-squares | 1602 | should be 1602
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check m3s==0.5.1 openlocationcode==1.0.1

cat >probe.py <<'PY'
from m3s import CSquaresGrid, GARSGrid, PlusCodeGrid
from openlocationcode.openlocationcode import encode

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def gars(latitude, longitude):
    band = int((latitude + 90) * 2)
    return f"{int((longitude + 180) * 2) + 1:03}{LETTERS[band // 24]}{LETTERS[band % 24]}"


def csquare(latitude, longitude):
    quadrant = (1 if latitude >= 0 else 3) if longitude >= 0 else (7 if latitude >= 0 else 5)
    return f"{quadrant}{int(abs(latitude) // 10)}{int(abs(longitude) // 10):02}"


for name, place in [("Austin", (30.26, -97.74)), ("Sydney", (-33.87, 151.21)), ("Helsinki", (60.17, 24.94))]:
    for grid, made, expected in [
        ("plus code", PlusCodeGrid(precision=4), encode(*place)),
        ("GARS", GARSGrid(precision=1), gars(*place)),
        ("C-squares", CSquaresGrid(precision=1), csquare(*place)),
    ]:
        print(name, grid, made.get_cell_from_point(*place).identifier, f"should be {expected}", sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
Austin | plus code | 6842+7766 | should be 86247766+22
Austin | GARS | 165JG | should be 165LA
Austin | C-squares | 3308 | should be 7309
Sydney | plus code | R4HR+646J | should be 4RRH46J6+22
Sydney | GARS | 663EI | should be 663ES
Sydney | C-squares | 7515 | should be 3315
Helsinki | plus code | G96G+W5QC | should be 9GG65WCR+22
Helsinki | GARS | 410LO | should be 410NN
Helsinki | C-squares | 1602 | should be 1602
TEXT
echo "as described: plus codes, GARS and C-squares are not those of the standards"
