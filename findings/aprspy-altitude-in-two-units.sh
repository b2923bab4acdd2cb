#!/usr/bin/env bash
# aprspy@0.6.0 (PyPI, pinned below): the unit of `altitude` depends on how the station has written its position. APRS has metres in Mic-E, as many
# radios send, feet in the comment (/A=) and in compressed positions, and metres again in NMEA (APRS 1.01, chapters 6, 9
# and 10). aprspy makes feet of NMEA's metres, and leaves those of Mic-E: the same hill is 305 or 1,001, and nothing says which.
# An altitude below the sea is read from Mic-E and NMEA; in the comment, where six places hold a minus and five digits, it is None.
#
# Seen on 2026-11-30 with Python 3.11, `altitude` of stations at 305 m and at 126 m below the sea:
#   305 m | Mic-E 305 | comment 1001 | NMEA 1001
#   -126 m | Mic-E -126 | comment None | NMEA -413
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check aprspy==0.6.0

cat >probe.py <<'PY'
from aprspy import APRS


def base91(metres):
    number = metres + 10000
    return "".join(chr(33 + number // 91**place % 91) for place in (2, 1, 0))


def nmea(body):
    check = 0
    for letter in body:
        check ^= ord(letter)
    return f"${body}*{check:02X}"


for metres in (305, -126):
    frames = {
        "Mic-E": '>S32U6T:`(_fn"Oj/]' + base91(metres) + "}=",
        "comment": f">APRS:!3015.60N/09744.40W>088/036/A={round(metres / 0.3048):06}",
        "NMEA": ">APRS:" + nmea(f"GPGGA,120000,3015.60,N,09744.40,W,1,08,1.0,{metres}.0,M,0,M,,"),
    }
    told = [f"{how} {APRS.parse_packet('N0CALL-9' + frame).altitude}" for how, frame in frames.items()]
    print(f"{metres} m", *told, sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
305 m | Mic-E 305 | comment 1001 | NMEA 1001
-126 m | Mic-E -126 | comment None | NMEA -413
TEXT
echo "as described: an altitude is in metres or in feet, by the kind of frame"
