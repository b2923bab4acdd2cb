#!/usr/bin/env bash
# aprs3@8.0.0.post1 (PyPI, pinned below): positions and altitudes of APRS are not written and read as they are.
# - West of Greenwich and south of the equator, within one degree of them, a position is written on the other side: London comes out 14 km to
#   the east of itself, Libreville north of the equator. The letter is taken from the degrees alone, and minus nought is nought. It reads such
#   a position as it should, so that a frame which is read and sent on has moved.
# - Minutes are rounded after the degrees were taken off: 30.99999 is written as 30 degrees and 60.00 minutes, which can't be.
# - An altitude in the comment (/A=, in feet) is read if it is below the sea, and None if it is above. "Altitude" is among the supported data.
# - A compressed position with an altitude (APRS 1.01, chapter 9: the type byte says so) has a course and a speed in its place.
#
# Seen with Python 3.11:
#   !5130.00N/00006.00W> | 51.5 -0.1 | !5130.00N/00006.00E>
#   !0030.00S/00912.00E> | -0.5 9.2 | !0030.00N/00912.00E>
#   !3015.60S/09744.40W> | -30.26 -97.74 | !3015.60S/09744.40W>
#   30.99999 | 3060.00N
#   /A=001234 | None
#   /A=-00012 | -12
#   10,004 ft, compressed | altitude None | course 200
#
# What was left of classes by their making is collected first: see aprs3-before-the-collector.sh. Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check aprs3==8.0.0.post1 ax253==0.1.5.post1 kiss3==8.0.0 attrs==26.1.0

cat >probe.py <<'PY'
import gc

from aprs import APRSFrame, Position

gc.collect()


def read(text):
    return APRSFrame.from_str(f"N0CALL-9>APRS:{text}").info


for text in ["!5130.00N/00006.00W>", "!0030.00S/00912.00E>", "!3015.60S/09744.40W>"]:
    report = read(text)
    print(text, f"{report.lat} {report.long}", bytes(report).decode(), sep=" | ")
print(30.99999, bytes(Position(lat=30.99999, long=-97.74)).decode()[:8], sep=" | ")
for altitude in ["/A=001234", "/A=-00012"]:
    print(altitude, read(f"!3015.60N/09744.40W>{altitude}").altitude_ft, sep=" | ")
report = read("=/5L!!<*e7OS]S")
print("10,004 ft, compressed", f"altitude {report.altitude_ft}", f"course {report.data_ext.course}", sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
!5130.00N/00006.00W> | 51.5 -0.1 | !5130.00N/00006.00E>
!0030.00S/00912.00E> | -0.5 9.2 | !0030.00N/00912.00E>
!3015.60S/09744.40W> | -30.26 -97.74 | !3015.60S/09744.40W>
30.99999 | 3060.00N
/A=001234 | None
/A=-00012 | -12
10,004 ft, compressed | altitude None | course 200
TEXT
echo "as described: positions move across the meridian and the equator, and altitudes above the sea are lost"
