#!/usr/bin/env bash
# pynmea2@1.19.0 (PyPI, pinned below): a receiver without a fix is at 0.0, 0.0. Its sentences have empty fields for the place; `lat` and
# `lon` are empty texts, while `latitude` and `longitude`, which programs use, are the numbers 0.0. An empty speed is None.
#
# Seen with Python 3.11:
#   GPRMC,120000.00,A | '3015.6' | 30.26 | -97.74 | 10.0
#   GPRMC,120000.00,V | '' | 0.0 | 0.0 | None
#   GPGGA,120000.00,, | '' | 0.0 | 0.0 | None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pynmea2==1.19.0

cat >probe.py <<'PY'
import pynmea2


def sentence(body):
    check = 0
    for letter in body:
        check ^= ord(letter)
    return f"${body}*{check:02X}"


for body in [
    "GPRMC,120000.00,A,3015.6,N,09744.4,W,010.0,084.4,010326,,,A",
    "GPRMC,120000.00,V,,,,,,,010326,,,N",
    "GPGGA,120000.00,,,,,0,00,99.99,,,,,,",
]:
    told = pynmea2.parse(sentence(body))
    print(body[:17], repr(told.lat), told.latitude, told.longitude, getattr(told, "spd_over_grnd", None), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
GPRMC,120000.00,A | '3015.6' | 30.26 | -97.74 | 10.0
GPRMC,120000.00,V | '' | 0.0 | 0.0 | None
GPGGA,120000.00,, | '' | 0.0 | 0.0 | None
TEXT
echo "as described: without a fix the place is 0.0, 0.0"
