#!/usr/bin/env bash
# gpxpy@1.6.2 (PyPI, pinned below): a time with white space around it, as a file has it that was indented, is no time: the point's
# `time` is None, and nothing is said. The same with 24:00:00. Both are valid: GPX's times are xsd:dateTime, which drops white space
# around a value and knows the end of a day. A latitude in such white space is read.
#
# Seen with Python 3.11:
#   plain | 30.26 | 2026-03-01T12:00:00+00:00
#   indented | 30.26 | None
#   end of the day | 30.26 | None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gpxpy==1.6.2

cat >probe.py <<'PY'
import gpxpy

FILE = """<gpx version="1.1" creator="c" xmlns="http://www.topografix.com/GPX/1/1">
<trk><trkseg><trkpt lat=" 30.26 " lon="-97.74"><time>{}</time></trkpt></trkseg></trk></gpx>"""
for name, time in [
    ("plain", "2026-03-01T12:00:00Z"),
    ("indented", "\n  2026-03-01T12:00:00Z\n"),
    ("end of the day", "2026-03-01T24:00:00Z"),
]:
    point = gpxpy.parse(FILE.format(time)).tracks[0].segments[0].points[0]
    print(name, point.latitude, point.time and point.time.isoformat(), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
plain | 30.26 | 2026-03-01T12:00:00+00:00
indented | 30.26 | None
end of the day | 30.26 | None
TEXT
echo "as described: times in white space and at the end of a day are lost without a word"
