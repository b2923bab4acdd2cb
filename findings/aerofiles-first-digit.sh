#!/usr/bin/env bash
# aerofiles@1.5.6 (PyPI, pinned below): in IGC files, as gliders and paragliders record them, every value of a K record loses its first digit. A
# wind from 270 degrees at 45 km/h is one from 70 degrees. The J record says which bytes of a K record a value has, counted from 1;
# aerofiles counts them from 0 there. For the extensions of fixes (I and B records), counted the same way, it is right.
# As pip installs it, it can't be imported: python-dateutil, which it needs, is not among its requirements.
#
# Seen with Python 3.11:
#   installed alone | No module named 'dateutil'
#   K record | WDI 70 | WVE 45
#   the same bytes as the file has them | WDI 270 | WVE 045
#   fix | FXA 35
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check aerofiles==1.5.6
env/bin/python - >alone <<'PY'
try:
    import aerofiles.igc
except ModuleNotFoundError as error:
    print("installed alone", error, sep=" | ")
PY
env/bin/pip install --quiet --disable-pip-version-check python-dateutil==4.0.0

cat >flight.igc <<'IGC'
AXXXABC
HFDTE010326
I013638FXA
J020810WDI1113WVE
B1200003015600N09744400WA0030000310035
K120000270045
IGC
cat >probe.py <<'PY'
from aerofiles.igc import Reader

lines = open("flight.igc").read().split()
flight = Reader().read(open("flight.igc"))
wind, fix = flight["k_records"][1][0], flight["fix_records"][1][0]
print("K record", f"WDI {wind['WDI']}", f"WVE {wind['WVE']}", sep=" | ")
record = lines[-1]
print("the same bytes as the file has them", f"WDI {record[8 - 1:10]}", f"WVE {record[11 - 1:13]}", sep=" | ")
print("fix", f"FXA {fix['FXA']}", sep=" | ")
PY
{ cat alone; env/bin/python probe.py 2>/dev/null; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
installed alone | No module named 'dateutil'
K record | WDI 70 | WVE 45
the same bytes as the file has them | WDI 270 | WVE 045
fix | FXA 35
TEXT
echo "as described: the values of a K record lose their first digit"
