#!/usr/bin/env bash
# teltonika-parser@0.0.15 and complete-teltonika-parser@0.3.4 (npm, pinned below): two readers of what GPS trackers by Teltonika send disagree about
# the same packet of Codec 8, and no error is raised.
# - teltonika-parser takes values of 2 and 4 bytes for signed, whatever they are: 40 V at "Ext Voltage" are -25,536 mV. One of 8 bytes, which the
#   maker uses for serial numbers (78, the driver's key; 11, the SIM), is read as a float: 3.8e-226. Which key it was can't be told.
# - complete-teltonika-parser takes the altitude for unsigned: the Dead Sea is at 65,121 m.
# - Codec 8 Extended, which newer trackers send: teltonika-parser knows 7 and 8 only, says so in its readme, and not when it reads.
#   The records are undefined, while `number_of_data` is right. Its readme's server answers that number, and the tracker deletes its data.
# - Codec 16: complete-teltonika-parser has it among the codecs that it reads, and refuses the example in the maker's wiki.
#
# Seen with Node 20.20.2:
#   sent | teltonika-parser | complete-teltonika-parser
#   altitude -415 | -415 | 65121
#   66 (2 bytes) 40000 | -25536 | 40000
#   78 (8 bytes) 0x1122334455667788 | 3.841412024471731e-226 | 1234605616436508552
#   Codec 8 Extended, 1 record | 1 to acknowledge, records undefined | 1 record
#   Codec 16, 2 records | 2 to acknowledge, 2 records | Repeated id '0' in IOElement.
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund teltonika-parser@0.0.15 complete-teltonika-parser@0.3.4

cat >probe.cjs <<'JS'
const One = require('teltonika-parser');
const { ProtocolParser } = require('complete-teltonika-parser');

// A packet: four zeros, length, codec, count, records, count, CRC-16 of all from the codec on.
function packet(codec, ...records) {
  const body = Buffer.concat([Buffer.from([codec, records.length]), ...records, Buffer.from([records.length])]);
  let crc = 0;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc);
  return Buffer.concat([head, body, tail]);
}
function place(altitude) {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64BE(1772366400000n);
  bytes.writeInt32BE(355000000, 9);
  bytes.writeInt32BE(315000000, 13);
  bytes.writeInt16BE(altitude, 17);
  bytes[21] = 9;
  return bytes;
}
const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const one = (bytes) => new One(bytes).getAvl();
const other = (bytes) => new ProtocolParser(bytes.toString('hex')).Content.AVL_Datas;

console.log('sent | teltonika-parser | complete-teltonika-parser');
// Event 0, two elements: none of 1 byte, one of 2, none of 4, one of 8.
const plain = packet(8, Buffer.concat([place(-415), hex('00 02 00 01 42 9c40 00 01 4e 1122334455667788')]));
const [record] = one(plain).records;
const [same] = other(plain);
const value = (id) => record.ioElements.find((element) => element.id === id).value;
console.log(`altitude -415 | ${record.gps.altitude} | ${same.GPSelement.Altitude}`);
console.log(`66 (2 bytes) 40000 | ${value(66)} | ${same.IOelement.Elements[66]}`);
console.log(`78 (8 bytes) 0x1122334455667788 | ${value(78)} | ${same.IOelement.Elements[78]}`);

const extended = packet(0x8e, Buffer.concat([place(0), hex('0000 0001 0000 0001 0042 9c40 0000 0000 0000')]));
const seen = one(extended);
console.log(`Codec 8 Extended, 1 record | ${seen.number_of_data} to acknowledge, records ${seen.records} | ${other(extended).length} record`);

const wiki = hex(`000000000000005F10020000016BDBC7833000000000000000000000000000000000000B05040200010000030002000B00270042563A00000000016B
  DBC7871800000000000000000000000000000000000B05040200010000030002000B00260042563A00000200005FB3`.replace(/\s/g, ''));
const two = one(wiki);
let answer;
try {
  answer = `${other(wiki).length} records`;
} catch (error) {
  answer = error.message;
}
console.log(`Codec 16, 2 records | ${two.number_of_data} to acknowledge, ${two.records.length} records | ${answer}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
sent | teltonika-parser | complete-teltonika-parser
altitude -415 | -415 | 65121
66 (2 bytes) 40000 | -25536 | 40000
78 (8 bytes) 0x1122334455667788 | 3.841412024471731e-226 | 1234605616436508552
Codec 8 Extended, 1 record | 1 to acknowledge, records undefined | 1 record
Codec 16, 2 records | 2 to acknowledge, 2 records | Repeated id '0' in IOElement.
TEXT
echo "as described: two values of one packet, and records that are acknowledged and not read"
