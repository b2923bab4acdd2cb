#!/usr/bin/env bash
# sparkplug-payload@1.0.3 (npm, pinned below) and pysparkplug@0.6.1 (PyPI): two implementations of the same Sparkplug B disagree about the
# integers that a sensor sends most. Sparkplug (payload B) has Int8 to Int32 and UInt8 to UInt32 in the field `int_value`, a uint32.
# - A negative Int8 or Int16 of pysparkplug is a positive number at sparkplug-payload, without an error: -5 is 251 and 65,531.
# - One of sparkplug-payload, which fills all 32 bits, can't be read by pysparkplug: an OverflowError for the whole payload.
# - A UInt32 of pysparkplug is null at sparkplug-payload, whatever it was: that looks for it in `long_value`.
# Int32, Int64, UInt16 and Double go both ways as they are.
#
# Seen with Node 20.20.2 and Python 3.11:
#   type | sent | Python to JavaScript | JavaScript to Python
#   Int8 | -5 | 251 | Int8 overflow with value 4294967291
#   Int16 | -5 | 65531 | Int16 overflow with value 4294967291
#   Int32 | -5 | -5 | -5
#   Int64 | -5 | -5 | -5
#   UInt16 | 7 | 7 | 7
#   UInt32 | 7 | null | 7
#   Double | -0.5 | -0.5 | -0.5
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sparkplug-payload@1.0.3
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pysparkplug==0.6.1 protobuf==6.33.6 paho-mqtt==1.6.1

cat >cases.json <<'JSON'
[["Int8", -5], ["Int16", -5], ["Int32", -5], ["Int64", -5], ["UInt16", 7], ["UInt32", 7], ["Double", -0.5]]
JSON
cat >write.py <<'PY'
import json

from pysparkplug import DataType, Metric, NBirth

for name, value in json.load(open("cases.json")):
    metric = Metric(timestamp=1772366400123, name="m", datatype=DataType[name.upper()], value=value)
    with open(f"{name}.python", "wb") as file:
        file.write(NBirth(timestamp=1772366400123, seq=0, metrics=(metric,)).encode())
PY
cat >both.cjs <<'JS'
const { readFileSync, writeFileSync } = require('node:fs');
const { decodePayload, encodePayload } = require('sparkplug-payload').get('spBv1.0');

const read = {};
for (const [type, value] of JSON.parse(readFileSync('cases.json'))) {
  read[type] = String(decodePayload(readFileSync(`${type}.python`)).metrics[0].value);
  writeFileSync(`${type}.js`, encodePayload({ timestamp: 1772366400123, seq: 0, metrics: [{ name: 'm', type, value }] }));
}
writeFileSync('read.json', JSON.stringify(read));
JS
cat >read.py <<'PY'
import json

from pysparkplug import NBirth

in_javascript = json.load(open("read.json"))
print("type | sent | Python to JavaScript | JavaScript to Python")
for name, value in json.load(open("cases.json")):
    try:
        back = NBirth.decode(open(f"{name}.js", "rb").read()).metrics[0].value
    except OverflowError as error:
        back = error
    print(name, value, in_javascript[name], back, sep=" | ")
PY
env/bin/python write.py
node both.cjs
env/bin/python read.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
type | sent | Python to JavaScript | JavaScript to Python
Int8 | -5 | 251 | Int8 overflow with value 4294967291
Int16 | -5 | 65531 | Int16 overflow with value 4294967291
Int32 | -5 | -5 | -5
Int64 | -5 | -5 | -5
UInt16 | 7 | 7 | 7
UInt32 | 7 | null | 7
Double | -0.5 | -0.5 | -0.5
TEXT
echo "as described: small negative integers and UInt32 do not pass from one implementation of Sparkplug to the other"
