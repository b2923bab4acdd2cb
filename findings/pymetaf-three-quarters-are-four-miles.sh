#!/usr/bin/env bash
# pymetaf@1.1.1 (PyPI, pinned below), weather reports of airfields (METAR) as JSON with a unit beside each number: numbers and units don't go
# together.
# - A fraction of a mile is its last digit: 3/4SM (1,207 m), and less than 1/4 as well, is 4 miles, 1 1/2SM is 2. The worse the sight, the better it
#   is told.
# - Pressure in inches (A3012) is in pascals, and `qnh_units` says hPa: 101,997 hPa.
# - A height of clouds is 20 m for each hundred feet, which are 30.48 m: 4,000 ft are 800 m.
# - BKN (5 to 7 eighths) comes before SCT whatever the report says, and the reader of the list takes the upper layer for the lower.
# - A station that has measured nothing reports "Clear Sky".
#
# Seen with Python 3.11, what is in the report and what is read:
#   10SM | 16093 | m
#   2SM | 3218 | m
#   1 1/2SM | 3218 | m
#   3/4SM | 6437 | m
#   M1/4SM | 6437 | m
#   0800 | 800 | m
#   Q1020 | 1020 | hPa
#   A3012 | 101997 | hPa
#   OVC010 | 1.0 at 200 m
#   SCT025 BKN040 | 0.75 at 800 m | 0.5 at 500 m
#   /////KT //// ////// Q//// | ['Clear Sky'] | None | None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pymetaf==1.1.1

cat >probe.py <<'PY'
import pymetaf

REPORT = "METAR KJFK 301751Z {wind} {sight} {clouds} 08/M03 {pressure}"
USUAL = {"wind": "31012KT", "sight": "9999", "clouds": "FEW010", "pressure": "Q1013"}
NOTHING = {"wind": "/////KT", "sight": "////", "clouds": "//////", "pressure": "Q////"}


def read(changed, *names):
    report = pymetaf.parse_text(REPORT.format(**{**USUAL, **changed}), 2026, 11)
    print(" ".join(changed.values()), *(report[name] for name in names), sep=" | ")


for sight in ["10SM", "2SM", "1 1/2SM", "3/4SM", "M1/4SM", "0800"]:
    read({"sight": sight}, "visibility", "visibility_units")
for pressure in ["Q1020", "A3012"]:
    read({"pressure": pressure}, "qnh", "qnh_units")
for clouds in ["OVC010", "SCT025 BKN040"]:
    report = pymetaf.parse_text(REPORT.format(**{**USUAL, "clouds": clouds}), 2026, 11)
    print(clouds, *(f"{it['cloud_mask']} at {it['cloud_height']} {it['cloud_height_units']}" for it in report["cloud"]), sep=" | ")
read(NOTHING, "weather", "cloud", "visibility")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
10SM | 16093 | m
2SM | 3218 | m
1 1/2SM | 3218 | m
3/4SM | 6437 | m
M1/4SM | 6437 | m
0800 | 800 | m
Q1020 | 1020 | hPa
A3012 | 101997 | hPa
OVC010 | 1.0 at 200 m
SCT025 BKN040 | 0.75 at 800 m | 0.5 at 500 m
/////KT //// ////// Q//// | ['Clear Sky'] | None | None
TEXT
echo "as described: fractions of a mile are whole miles, and inches of mercury are a hundred times hPa"
