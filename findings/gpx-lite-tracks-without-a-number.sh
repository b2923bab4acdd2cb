#!/usr/bin/env bash
# gpx-lite@0.0.6 (PyPI, pinned below), a parser for tracks "including large .gpx files": `iterparse`, which is for these, raises a ValueError at a
# track without `<number>`. The element is optional in GPX, and few programs write it. `parse` reads such a track, and fails later: `time` of a point
# raises where there is none, and for a time with an offset, without a zone or with white space around it, all of which the schema allows
# (xsd:dateTime). A reader learns of it at the first such point of a file that was read without an error.
#
# Seen with Python 3.11:
#   iterparse, with a number | 60 24 2026-03-01 12:00:00
#   iterparse, without | ValueError from iterparse
#   parse, without | 60 24 2026-03-01 12:00:00
#   '2026-03-01T12:00:00.250Z' | 60 24 2026-03-01 12:00:00.250000
#   '2026-03-01T14:00:00+02:00' | 60 24 ValueError from time
#   '2026-03-01T12:00:00' | 60 24 ValueError from time
#   ' 2026-03-01T12:00:00Z ' | 60 24 ValueError from time
#   no time | 60 24 TypeError from time
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gpx-lite==0.0.6

cat >probe.py <<'PY'
from gpx_lite.parser import GPXParser


def attempt(method, time="<time>2026-03-01T12:00:00Z</time>", number=""):
    with open("track.gpx", "w") as file:
        file.write(
            '<gpx version="1.1" creator="probe" xmlns="http://www.topografix.com/GPX/1/1">'
            f'<trk><name>Walk</name>{number}<trkseg><trkpt lat="60" lon="24">{time}</trkpt></trkseg></trk></gpx>'
        )
    try:
        with open("track.gpx") as file:
            tracks = getattr(GPXParser(file), method)().tracks
    except Exception as error:
        return f"{type(error).__name__} from {method}"
    point = tracks[0].segments[0].points[0]
    try:
        return f"{point.latitude:g} {point.longitude:g} {point.time}"
    except Exception as error:
        return f"{point.latitude:g} {point.longitude:g} {type(error).__name__} from time"


print("iterparse, with a number", attempt("iterparse", number="<number>1</number>"), sep=" | ")
print("iterparse, without", attempt("iterparse"), sep=" | ")
print("parse, without", attempt("parse"), sep=" | ")
for time in ["2026-03-01T12:00:00.250Z", "2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00", " 2026-03-01T12:00:00Z "]:
    print(repr(time), attempt("parse", f"<time>{time}</time>"), sep=" | ")
print("no time", attempt("parse", ""), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
iterparse, with a number | 60 24 2026-03-01 12:00:00
iterparse, without | ValueError from iterparse
parse, without | 60 24 2026-03-01 12:00:00
'2026-03-01T12:00:00.250Z' | 60 24 2026-03-01 12:00:00.250000
'2026-03-01T14:00:00+02:00' | 60 24 ValueError from time
'2026-03-01T12:00:00' | 60 24 ValueError from time
' 2026-03-01T12:00:00Z ' | 60 24 ValueError from time
no time | 60 24 TypeError from time
TEXT
echo "as described: iterparse needs a number, and a time with an offset is an error"
