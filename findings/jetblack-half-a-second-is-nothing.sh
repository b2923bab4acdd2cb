#!/usr/bin/env bash
# jetblack-iso8601@2.0.0 (PyPI, pinned below), times and durations of ISO 8601 that go to text and back in its readme: what is shorter than a second
# doesn't. Half a second is written as P0D, no time at all, and a lap of 61.9 s as one of 61; `PT0.5S`, as others write it, is a ValueError about a
# base of 10. ISO 8601 and its relatives (XML Schema, java.time, Python's own libraries) have fractions of a second.
# - Of a time three digits are kept, so a message in microseconds is up to a millisecond early. A time without a zone is written with Z, as if it were
#   UTC; one to the minute (12:00Z) or in the basic format is an AttributeError.
#
# Seen with Python 3.11:
#   0.5 s | P0D
#   61.9 s | PT1M1S
#   3600 s | PT1H
#   PT61S | 61.0
#   PT0.5S | ValueError: invalid literal for int() with base 10: '0.5'
#   PT61.9S | ValueError: invalid literal for int() with base 10: '61.9'
#   2026-03-01T12:00:00.321-10:00 | 2026-03-01T12:00:00.321-10:00
#   2026-03-01T12:00:00.000999Z | 2026-03-01T12:00:00.00Z
#   2026-03-01T12:00:00 | 2026-03-01T12:00:00.00Z
#   2026-03-01T12:00Z | AttributeError: 'NoneType' object has no attribute 'year'
#   20260301T120000Z | AttributeError: 'NoneType' object has no attribute 'year'
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check jetblack-iso8601==2.0.0

cat >probe.py <<'PY'
from datetime import timedelta

from jetblack_iso8601 import datetime_to_iso8601, iso8601_to_datetime, iso8601_to_timedelta, timedelta_to_iso8601


def attempt(name, call):
    try:
        print(name, call(), sep=" | ")
    except Exception as error:
        print(name, f"{type(error).__name__}: {error}", sep=" | ")


for seconds in [0.5, 61.9, 3600]:
    attempt(f"{seconds} s", lambda: timedelta_to_iso8601(timedelta(seconds=seconds)))
for text in ["PT61S", "PT0.5S", "PT61.9S"]:
    attempt(text, lambda: iso8601_to_timedelta(text).total_seconds())
for text in [
    "2026-03-01T12:00:00.321-10:00",
    "2026-03-01T12:00:00.000999Z",
    "2026-03-01T12:00:00",
    "2026-03-01T12:00Z",
    "20260301T120000Z",
]:
    attempt(text, lambda: datetime_to_iso8601(iso8601_to_datetime(text)))
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
0.5 s | P0D
61.9 s | PT1M1S
3600 s | PT1H
PT61S | 61.0
PT0.5S | ValueError: invalid literal for int() with base 10: '0.5'
PT61.9S | ValueError: invalid literal for int() with base 10: '61.9'
2026-03-01T12:00:00.321-10:00 | 2026-03-01T12:00:00.321-10:00
2026-03-01T12:00:00.000999Z | 2026-03-01T12:00:00.00Z
2026-03-01T12:00:00 | 2026-03-01T12:00:00.00Z
2026-03-01T12:00Z | AttributeError: 'NoneType' object has no attribute 'year'
20260301T120000Z | AttributeError: 'NoneType' object has no attribute 'year'
TEXT
echo "as described: half a second is written as nothing"
