#!/usr/bin/env bash
# tcx-builder@1.1.1 (npm, pinned below), which writes workouts as Garmin's TCX: every value stands on a line of its own, with white space around it.
# XML Schema lets a reader drop that around numbers and times, and readers of TCX don't: tcxreader@0.4.11 and activereader@0.0.2 (PyPI) raise an
# error at the first time, so no file of it can be read with them. A text keeps it: the notes begin with a line break. They are not escaped either:
# with an ampersand, as in "Run & Bike", the file is no XML.
#
# Seen with Node 20.20.2 and Python 3.11, what the readers say, then of the same file without the white space, then with other notes:
#   plain | tcxreader | ValueError
#   plain | activereader | ValueError
#   dense | tcxreader | 2026-03-01 12:00:00
#   dense | activereader | 2026-03-01 12:00:00+00:00
#   notes | ['<Notes>\n      Run\n    </Notes>']
#   plain | XML | ElementTree
#   other | XML | ParseError
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund tcx-builder@1.1.1
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check tcxreader==0.4.11 activereader==0.0.2

cat >write.cjs <<'JS'
const { writeFileSync } = require('fs');
const tcx = require('tcx-builder');

const time = new Date('2026-03-01T12:00:00Z');
for (const [name, notes] of [['plain', 'Run'], ['other', 'Run & Bike']]) {
  const trackPoints = [new tcx.TrackPoint({ time, position: new tcx.Position(60, 24), altitudeMeters: 5 })];
  const lap = new tcx.ActivityLap(time, {
    TotalTimeSeconds: 10,
    DistanceMeters: 30,
    Calories: 1,
    Intensity: 'Active',
    TriggerMethod: 'Manual',
    Track: new tcx.Track({ trackPoints }),
  });
  const activity = [new tcx.Activity('Running', { Id: time, Laps: [lap], Notes: notes })];
  writeFileSync(`${name}.tcx`, new tcx.TrainingCenterDatabase({ activities: new tcx.ActivityList({ activity }) }).toXml());
}
JS
cat >read.py <<'PY'
import re
from pathlib import Path
from xml.etree import ElementTree

from activereader import Tcx
from tcxreader.tcxreader import TCXReader


def attempt(action):
    try:
        return action()
    except Exception as error:
        return type(error).__name__


plain = Path("plain.tcx").read_text()
Path("dense.tcx").write_text(re.sub(r">\s+([^<]*?)\s*<", r">\1<", plain))
for name in ["plain", "dense"]:
    print(name, "tcxreader", attempt(lambda: TCXReader().read(f"{name}.tcx").trackpoints[0].time), sep=" | ")
    print(name, "activereader", attempt(lambda: Tcx.from_file(f"{name}.tcx").trackpoints[0].time), sep=" | ")
print("notes", *re.findall("<Notes>.*?</Notes>", Path("plain.tcx").read_text(), re.S).__repr__().splitlines(), sep=" | ")
for name in ["plain", "other"]:
    print(name, "XML", attempt(lambda: type(ElementTree.parse(f"{name}.tcx")).__name__), sep=" | ")
PY
{ node write.cjs; env/bin/python read.py; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
plain | tcxreader | ValueError
plain | activereader | ValueError
dense | tcxreader | 2026-03-01 12:00:00
dense | activereader | 2026-03-01 12:00:00+00:00
notes | ['<Notes>\n      Run\n    </Notes>']
plain | XML | ElementTree
other | XML | ParseError
TEXT
echo "as described: readers raise an error at its times"
