#!/usr/bin/env bash
# candied@2.2.0 (npm, pinned below), "one of the few (if not only) fully featured DBC parsing libraries" of JavaScript: what it makes of frames of a
# CAN bus is wrong where a signal is not of the simplest kind, without an error.
# - Signals of Motorola order (`@0`), in which many cars send, are other numbers or NaN. In a DBC file such a signal's start bit is its highest one,
#   and they are read downwards from there.
# - `SIG_VALTYPE_ 512 F : 1` says that a signal is an IEEE float. It is read as an integer: 1.5 is 1,069,547,520.
# - A signal with a factor like 1E-07, as places have it, is no signal: the message has none.
# - Of a multiplexed message all signals are there, also those (m1) that the multiplexer (0) says are not.
# Signals of Intel order are right. cantools@45.1.0 (PyPI) reads all of them.
#
# Seen with Node 20.20.2 and Python 3.11, the signal, what candied reads, what cantools reads:
#   S : 0|16@1+ (1,0) | E803000000000000 | S 1000 | S 1000
#   S : 0|16@1- (0.1,0) | 9CFF000000000000 | S -10 | S -10
#   S : 7|16@0+ (1,0) | 03E8000000000000 | S NaN | S 1000
#   S : 7|8@0+ (1,0) | 2A00000000000000 | S NaN | S 42
#   S : 39|16@0+ (1,0) | 0000000003E80000 | S 0 | S 1000
#   S : 39|16@0- (0.5,0) | 00000000FF9C0000 | S 0.5 | S -50
#   S : 0|32@1- (1E-07,0) | 4064DD2300000000 | nothing | S 60.1712
#   S : 0|32@1- (1,0) | 0000C03F00000000 | S 1069547520 | S 1.5
#   M M : 0|8@1+ (1,0) | 0010000000000000 | M 0, A 16, B 16 | M 0, A 16
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund candied@2.2.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check cantools==45.1.0

cat >cases.json <<'TEXT'
[
  ["S : 0|16@1+ (1,0)", "E803000000000000"],
  ["S : 0|16@1- (0.1,0)", "9CFF000000000000"],
  ["S : 7|16@0+ (1,0)", "03E8000000000000"],
  ["S : 7|8@0+ (1,0)", "2A00000000000000"],
  ["S : 39|16@0+ (1,0)", "0000000003E80000"],
  ["S : 39|16@0- (0.5,0)", "00000000FF9C0000"],
  ["S : 0|32@1- (1E-07,0)", "4064DD2300000000"],
  ["S : 0|32@1- (1,0)", "0000C03F00000000", "SIG_VALTYPE_ 512 S : 1;"],
  ["M M : 0|8@1+ (1,0)", "0010000000000000", "", "A m0 : 8|16@1+ (1,0)", "B m1 : 8|16@1+ (1,0)"]
]
TEXT
cat >probe.cjs <<'JS'
const { Can, Dbc } = require('candied');
const { readFileSync, writeFileSync } = require('fs');

const dbcOf = ([signal, , types = '', ...others]) => `VERSION ""

NS_ :

BS_:

BU_: ECU

BO_ 512 Message: 8 ECU
${[signal, ...others].map((it) => ` SG_ ${it} [0|0] "" Vector__XXX`).join('\n')}

${types}
`;
JSON.parse(readFileSync('cases.json')).forEach((it, i) => {
  writeFileSync(`${i}.dbc`, dbcOf(it));
  const can = new Can();
  can.database = new Dbc().load(dbcOf(it));
  const { boundSignals } = can.decode(can.createFrame(512, [...Buffer.from(it[1], 'hex')]));
  const read = [...(boundSignals ?? [])].map(([name, { value }]) => `${name} ${value}`);
  writeFileSync(`${i}.candied`, read.join(', ') || 'nothing');
});
JS
cat >probe.py <<'PY'
import json
from pathlib import Path

import cantools

for i, (signal, payload, *_) in enumerate(json.loads(Path("cases.json").read_text())):
    values = cantools.database.load_file(f"{i}.dbc").decode_message(512, bytes.fromhex(payload))
    print(signal, payload, Path(f"{i}.candied").read_text(), ", ".join(f"{k} {v:g}" for k, v in values.items()), sep=" | ")
PY
{ node probe.cjs; env/bin/python probe.py; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
S : 0|16@1+ (1,0) | E803000000000000 | S 1000 | S 1000
S : 0|16@1- (0.1,0) | 9CFF000000000000 | S -10 | S -10
S : 7|16@0+ (1,0) | 03E8000000000000 | S NaN | S 1000
S : 7|8@0+ (1,0) | 2A00000000000000 | S NaN | S 42
S : 39|16@0+ (1,0) | 0000000003E80000 | S 0 | S 1000
S : 39|16@0- (0.5,0) | 00000000FF9C0000 | S 0.5 | S -50
S : 0|32@1- (1E-07,0) | 4064DD2300000000 | nothing | S 60.1712
S : 0|32@1- (1,0) | 0000C03F00000000 | S 1069547520 | S 1.5
M M : 0|8@1+ (1,0) | 0010000000000000 | M 0, A 16, B 16 | M 0, A 16
TEXT
echo "as described: Motorola order, floats and factors with an exponent are not read"
