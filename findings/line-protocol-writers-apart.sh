#!/usr/bin/env bash
# Three writers of InfluxDB's line protocol change what they are given, each in its own way, and none says so (all pinned below; what is read
# is by line-protocol-parser@2.0.1 from PyPI). In that protocol a field is a float, an integer (7i), a text in quotes, or a boolean (t, true …);
# inside of the quotes only a quote and a backslash are escaped.
# - influx-line-protocol@0.1.5 (PyPI) writes six digits of a float. A longitude of three digits is good to 10 m then, an odometer of a million
#   metres to 10 m, and a time in seconds to 10,000 s.
# - influx-line@1.0.0 (PyPI) puts a backslash before each blank, comma and equals sign of a text, which stays there. Whole numbers are floats.
# - json-to-line-protocol@0.2.0 (npm), which promises "any necessary escaping on strings", writes texts without quotes: line 0801 is the number
#   801, line T is true, and a name of two words is no line at all. A tag that is a number, as in its readme, is a TypeError.
#
# Seen on 2026-11-30 with Python 3.11 and Node 20.20.2, the value as it is read from each writer's line:
#   value | influx-line-protocol | influx-line | json-to-line-protocol
#   -97.741234 | -97.7412 | -97.741234 | -97.741234
#   1234567.8 | 1234570.0 | 1234567.8 | 1234567.8
#   1772366400.25 | 1772370000.0 | 1772366400.25 | 1772366400.25
#   '0801' | '0801' | '0801' | 801.0
#   'T' | 'T' | 'T' | True
#   'Main St, 7' | 'Main St, 7' | 'Main\\ St\\,\\ 7' | LineFormatError
#   7 | 7 | 7.0 | 7.0
#   the readme's tag b: 2 | TypeError
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund json-to-line-protocol@0.2.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check \
  influx-line-protocol==0.1.5 influx-line==1.0.0 line-protocol-parser==2.0.1

cat >write.cjs <<'JS'
const { convert } = require('json-to-line-protocol');

const values = JSON.parse(process.argv[2]);
for (const value of values) console.log(convert({ measurement: 'bus', tags: {}, fields: { value } }));
try {
  console.error(convert({ measurement: 'bus', tags: { a: '1', b: 2 }, fields: { d: 3 } }));
} catch (error) {
  console.error(error.constructor.name);
}
JS
cat >probe.py <<'PY'
import json
import subprocess

from influx_line import InfluxLine
from influx_line_protocol import Metric
from line_protocol_parser import LineFormatError, parse_line


def read(line):
    try:
        return repr(parse_line(line)["fields"]["value"])
    except LineFormatError as error:
        return type(error).__name__


values = [-97.741234, 1234567.8, 1772366400.25, "0801", "T", "Main St, 7", 7]
done = subprocess.run(["node", "write.cjs", json.dumps(values)], capture_output=True, text=True, check=True)
for value, third in zip(values, done.stdout.splitlines(), strict=True):
    first = Metric("bus")
    first.add_value("value", value)
    second = InfluxLine("bus")
    second.add_field("value", value)
    print(repr(value), read(str(first)), read(str(second)), read(third), sep=" | ")
print("the readme's tag b: 2", done.stderr.strip(), sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
-97.741234 | -97.7412 | -97.741234 | -97.741234
1234567.8 | 1234570.0 | 1234567.8 | 1234567.8
1772366400.25 | 1772370000.0 | 1772366400.25 | 1772366400.25
'0801' | '0801' | '0801' | 801.0
'T' | 'T' | 'T' | True
'Main St, 7' | 'Main St, 7' | 'Main\\ St\\,\\ 7' | LineFormatError
7 | 7 | 7.0 | 7.0
the readme's tag b: 2 | TypeError
TEXT
echo "as described: digits are lost, backslashes stay, and texts become numbers"
