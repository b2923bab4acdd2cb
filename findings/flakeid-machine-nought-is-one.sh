#!/usr/bin/env bash
# flakeid@1.0.1 and its descendant snowflake-id@1.1.0 (npm, pinned below), unique numbers with a machine's number in them: "10 bit of machine id", and
# the readme advises to give each machine another one. Of the 1,024 that fit in 10 bits three don't work: 0 is taken for nothing, and becomes the
# default, 1; and 1023 becomes 0, as the rest of a division by 1023. Machines that are counted from 0 have two with the same number, and both give the
# same ids within a millisecond: below, 5,000 of 5,000. What takes an id for the key of an event drops one machine's.
#
# Seen with Node 20.20.2:
#   flakeid, machine 0: 1
#   flakeid, machine 1: 1
#   flakeid, machine 2: 2
#   flakeid, machine 42: 42
#   flakeid, machine 1022: 1022
#   flakeid, machine 1023: 0
#   flakeid, ids of machine 0 that machine 1 gives too: 5000
#   flakeid, that machine 2 gives too: 0
#   snowflake-id, machine 0: 1
#   snowflake-id, machine 1: 1
#   snowflake-id, machine 2: 2
#   snowflake-id, machine 42: 42
#   snowflake-id, machine 1022: 1022
#   snowflake-id, machine 1023: 0
#   snowflake-id, ids of machine 0 that machine 1 gives too: 5000
#   snowflake-id, that machine 2 gives too: 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts flakeid@1.0.1 snowflake-id@1.1.0

cat >probe.cjs <<'JS'
const FlakeId = require('flakeid');
const { default: SnowflakeId = require('snowflake-id') } = require('snowflake-id');

const makers = {
  flakeid: (mid) => {
    const flake = new FlakeId({ mid });
    return () => BigInt(flake.gen());
  },
  'snowflake-id': (mid) => {
    const flake = new SnowflakeId({ mid });
    return () => BigInt(flake.generate());
  },
};
let now = 1772366400000;
Date.now = () => now;
const ids = (make, mid) => {
  const next = make(mid);
  return Array.from({ length: 5000 }, (_, i) => {
    now = 1772366400000 + Math.floor(i / 5);
    return next();
  });
};
for (const [name, make] of Object.entries(makers)) {
  for (const mid of [0, 1, 2, 42, 1022, 1023]) {
    console.log(`${name}, machine ${mid}: ${(make(mid)() >> 12n) & 1023n}`);
  }
  const first = new Set(ids(make, 0));
  console.log(`${name}, ids of machine 0 that machine 1 gives too: ${ids(make, 1).filter((id) => first.has(id)).length}`);
  console.log(`${name}, that machine 2 gives too: ${ids(make, 2).filter((id) => first.has(id)).length}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
flakeid, machine 0: 1
flakeid, machine 1: 1
flakeid, machine 2: 2
flakeid, machine 42: 42
flakeid, machine 1022: 1022
flakeid, machine 1023: 0
flakeid, ids of machine 0 that machine 1 gives too: 5000
flakeid, that machine 2 gives too: 0
snowflake-id, machine 0: 1
snowflake-id, machine 1: 1
snowflake-id, machine 2: 2
snowflake-id, machine 42: 42
snowflake-id, machine 1022: 1022
snowflake-id, machine 1023: 0
snowflake-id, ids of machine 0 that machine 1 gives too: 5000
snowflake-id, that machine 2 gives too: 0
TEXT
echo "as described: machine 0 and machine 1 give the same ids"
