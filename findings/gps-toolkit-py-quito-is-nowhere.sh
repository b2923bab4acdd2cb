#!/usr/bin/env bash
# gps-toolkit-py@0.1.23 (PyPI, pinned below): its UTM and MGRS are a grid of its own. The letters of the bands of latitude are counted without a gap,
# or with another one, so that they are those of other bands: Austin is in 14S and not in 14R (bands leave out I and O, NGA.STND.0037), and Quito,
# south of the equator, in 17N.
# - UTM of Quito read back by the same library is 151,507 degrees south: N is north of the equator, and its northing is counted from the south.
# - The two letters of a square are those of another square in MGRS. Austin is 14SGD21210 48267; read back it is in Kansas, 1,000 km away, and Sydney
#   is north of the equator. 14RPU2121048267, as mgrs@2.2.0 (npm) and others write it, is an error.
# Numbers of UTM north of the equator are right.
#
# Seen with Node 20.20.2 and Python 3.11:
#   Austin, npm | 14RPU2121048267
#   Quito, npm | 17MQV8161680085
#   Sydney, npm | 56HLH3443550816
#   Austin | UTM 14S 621211 3348268 | 30.26 -97.74
#   Austin | MGRS 14SGD2121048267 | 39.28 -97.59
#   Quito | UTM 17N 781616 9980085 | -151506.82 11033732.01
#   Quito | MGRS 17NHV8161680085 | 17.89 -78.34
#   Sydney | UTM 56J 334436 6250816 | -33.87 151.21
#   Sydney | MGRS 56JDN3443550816 | 2.27 151.51
#   14RPU2121048267 | Easting should be between 100,000 and 900,000 meters, got 1321210.0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mgrs@2.2.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gps-toolkit-py==0.1.23

cat >probe.cjs <<'JS'
const { forward } = require('mgrs');

for (const [name, latitude, longitude] of [['Austin', 30.26, -97.74], ['Quito', -0.18, -78.47], ['Sydney', -33.87, 151.21]]) {
  console.log(`${name}, npm | ${forward([longitude, latitude], 5)}`);
}
JS
cat >probe.py <<'PY'
from gps_tools import latlon_to_mgrs, latlon_to_utm, mgrs_to_latlon, utm_to_latlon


def place(latitude, longitude):
    return f"{latitude:.2f} {longitude:.2f}"


for name, latitude, longitude in [("Austin", 30.26, -97.74), ("Quito", -0.18, -78.47), ("Sydney", -33.87, 151.21)]:
    zone, letter, easting, northing = latlon_to_utm(latitude, longitude)
    print(name, f"UTM {zone}{letter} {easting:.0f} {northing:.0f}", place(*utm_to_latlon(zone, letter, easting, northing)), sep=" | ")
    mgrs = latlon_to_mgrs(latitude, longitude)
    print(name, f"MGRS {mgrs}", place(*mgrs_to_latlon(mgrs)), sep=" | ")
try:
    print(place(*mgrs_to_latlon("14RPU2121048267")))
except ValueError as error:
    print("14RPU2121048267", error, sep=" | ")
PY
{ node probe.cjs; env/bin/python -W ignore probe.py; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
Austin, npm | 14RPU2121048267
Quito, npm | 17MQV8161680085
Sydney, npm | 56HLH3443550816
Austin | UTM 14S 621211 3348268 | 30.26 -97.74
Austin | MGRS 14SGD2121048267 | 39.28 -97.59
Quito | UTM 17N 781616 9980085 | -151506.82 11033732.01
Quito | MGRS 17NHV8161680085 | 17.89 -78.34
Sydney | UTM 56J 334436 6250816 | -33.87 151.21
Sydney | MGRS 56JDN3443550816 | 2.27 151.51
14RPU2121048267 | Easting should be between 100,000 and 900,000 meters, got 1321210.0
TEXT
echo "as described: bands and squares are other ones, and Quito is nowhere"
