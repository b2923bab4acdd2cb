#!/usr/bin/env bash
# igc-parser@2.0.0 (npm, pinned below): the time zone of a flight is what stands behind the last colon of its header, as a number of hours. An offset
# in hours and minutes, as some recorders write it, is read as its minutes alone, without an error, in strict mode too: +05:30 is 30 hours,
# -03:30 is 30 hours as well, and +10:00 is UTC. An offset in decimals is right. aerofiles@1.5.6 (PyPI) refuses hours and minutes.
#
# Seen with Node 20.20.2:
#   HFTZNTIMEZONE:5.5 | 5.5
#   HFTZNTIMEZONE:-3.5 | -3.5
#   HFTZNUTCOFFSET:+05:30 | 30
#   HFTZNUTCOFFSET:-03:30 | 30
#   HFTZNUTCOFFSET:+10:00 | 0
#   aerofiles | HFTZNUTCOFFSET:+10:00 | could not convert string to float: '+10:00'
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund igc-parser@2.0.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check aerofiles==1.5.6 python-dateutil==4.0.0

cat >probe.cjs <<'JS'
const IGCParser = require('igc-parser');

for (const header of [
  'HFTZNTIMEZONE:5.5',
  'HFTZNTIMEZONE:-3.5',
  'HFTZNUTCOFFSET:+05:30',
  'HFTZNUTCOFFSET:-03:30',
  'HFTZNUTCOFFSET:+10:00',
]) {
  const flight = IGCParser.parse(`AXXXABC\nHFDTE010326\n${header}\nB1200003015600N09744400WA0030000310\n`);
  console.log(`${header} | ${flight.timezone}`);
}
JS
cat >probe.py <<'PY'
from io import StringIO

from aerofiles.igc import Reader

header = "HFTZNUTCOFFSET:+10:00"
flight = Reader().read(StringIO(f"AXXXABC\nHFDTE010326\n{header}\nB1200003015600N09744400WA0030000310\n"))
print("aerofiles", header, *flight["header"][0], sep=" | ")
PY
{ node probe.cjs; env/bin/python probe.py; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
HFTZNTIMEZONE:5.5 | 5.5
HFTZNTIMEZONE:-3.5 | -3.5
HFTZNUTCOFFSET:+05:30 | 30
HFTZNUTCOFFSET:-03:30 | 30
HFTZNUTCOFFSET:+10:00 | 0
aerofiles | HFTZNUTCOFFSET:+10:00 | could not convert string to float: '+10:00'
TEXT
echo "as described: an offset in hours and minutes is read as its minutes"
