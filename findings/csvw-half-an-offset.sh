#!/usr/bin/env bash
# csvw@4.1.1 (PyPI, pinned below), the reader and writer of CSV on the Web (W3C): times are other ones behind it, or none.
# - In the JSON that it makes of a table, a time with a fraction of a second loses the last two digits of its offset: `+00:` is no time any
#   more for most readers. Without a fraction, and without an offset, it is right.
# - A time of day (`time`) has no fraction in JSON nor in a table that is written again, and no offset in the latter: 12:00 in India is 12:00
#   anywhere. In Python it is a datetime of the day on which the program runs.
# - A date with an offset loses it when it is written.
# - A percentage with the format that the standard has for it (Tabular Data Model, 6.4.2) is an error, and in JSON a text.
#
# Seen on 2026-11-30 with Python 3.11; the cell, as JSON, and as written to a table again:
#   dateTime 2026-03-01T12:00:00Z | 2026-03-01T12:00:00Z | 2026-03-01T12:00:00+00:00
#   dateTime 2026-03-01T12:00:00.5Z | 2026-03-01T12:00:00.500000+00: | 2026-03-01T12:00:00.500000+00:00
#   dateTime 2026-03-01T12:00:00.25-06:00 | 2026-03-01T12:00:00.250000-06: | 2026-03-01T12:00:00.250000-06:00
#   time 12:00:00.25 | 12:00:00 | 12:00:00
#   time 12:00:00+05:30 | 12:00:00+05:30 | 12:00:00
#   date 2026-03-01-06:00 | 2026-03-01-06:00 | 2026-03-01
#   number 12.5% | 12.5% | ValueError
#   time 12:00:00 in Python | datetime | of today True
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check csvw==4.1.1

cat >probe.py <<'PY'
import json
from datetime import date
from pathlib import Path

from csvw import CSVW, Table

for kind, cell in [
    ({"base": "dateTime"}, "2026-03-01T12:00:00Z"),
    ({"base": "dateTime"}, "2026-03-01T12:00:00.5Z"),
    ({"base": "dateTime"}, "2026-03-01T12:00:00.25-06:00"),
    ({"base": "time"}, "12:00:00.25"),
    ({"base": "time"}, "12:00:00+05:30"),
    ({"base": "date"}, "2026-03-01-06:00"),
    ({"base": "number", "format": "#0.0%"}, "12.5%"),
]:
    Path("trips.csv").write_text(f"at\n{cell}\n")
    columns = [{"name": "at", "titles": "at", "datatype": kind}]
    about = {"@context": "http://www.w3.org/ns/csvw", "url": "trips.csv", "tableSchema": {"columns": columns}}
    Path("trips.csv-metadata.json").write_text(json.dumps(about))
    told = CSVW("trips.csv-metadata.json").to_json(minimal=True)[0]["at"]
    table = Table.from_file("trips.csv-metadata.json")
    try:
        table.write(list(table), fname=Path("again.csv").absolute())
        again = Path("again.csv").read_text().split()[1]
    except ValueError as error:
        again = type(error).__name__
    print(f"{kind['base']} {cell}", told, again, sep=" | ")
Path("trips.csv").write_text("at\n12:00:00\n")
columns[0]["datatype"] = {"base": "time"}
Path("trips.csv-metadata.json").write_text(json.dumps(about))
[row] = Table.from_file("trips.csv-metadata.json")
print("time 12:00:00 in Python", type(row["at"]).__name__, f"of today {row['at'].date() == date.today()}", sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
dateTime 2026-03-01T12:00:00Z | 2026-03-01T12:00:00Z | 2026-03-01T12:00:00+00:00
dateTime 2026-03-01T12:00:00.5Z | 2026-03-01T12:00:00.500000+00: | 2026-03-01T12:00:00.500000+00:00
dateTime 2026-03-01T12:00:00.25-06:00 | 2026-03-01T12:00:00.250000-06: | 2026-03-01T12:00:00.250000-06:00
time 12:00:00.25 | 12:00:00 | 12:00:00
time 12:00:00+05:30 | 12:00:00+05:30 | 12:00:00
date 2026-03-01-06:00 | 2026-03-01-06:00 | 2026-03-01
number 12.5% | 12.5% | ValueError
time 12:00:00 in Python | datetime | of today True
TEXT
echo "as described: offsets are cut in half, fractions and offsets of times of day are lost"
