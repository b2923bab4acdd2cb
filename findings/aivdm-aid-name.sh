#!/usr/bin/env bash
# aivdm@0.3.0 (crates.io, pinned below): the name of an aid to navigation (message 21) loses the blank between two words when it is
# the twentieth letter. The name has twenty letters and up to fourteen more in an extension at the message's end; the crate takes
# blanks off the end of the first twenty before it appends the others. pyais@3.3.1 keeps the two apart.
#
# Seen, for an aid that pyais was told to call "NORTH CARDINAL BUOY" and a blank, with the extension "7 EAST":
#   aivdm      NORTH CARDINAL BUOY7 EAST
#   pyais      name "NORTH CARDINAL BUOY", extension "7 EAST"
#   the bits   the twentieth letter is 32, a blank
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pyais==3.3.1

python/bin/python - > lines <<'PY'
from pyais import encode_dict

aid = {"msg_type": 21, "mmsi": 993692001, "aid_type": 1, "name": "NORTH CARDINAL BUOY ", "lon": -97.7, "lat": 27.8, "name_ext": "7 EAST"}
print("\n".join(encode_dict(aid, talker_id="AI", sentence_type="VDM", radio_channel="A")))
PY
python/bin/python - > pyais.txt <<'PY'
from pyais import decode

message = decode(*open("lines").read().split())
print(f"pyais [{message.name}] [{message.name_ext}]")
armored = "".join(line.split(",")[5] for line in open("lines"))
codes = [ord(letter) - 48 - (8 if ord(letter) > 96 else 0) for letter in armored]
bits = "".join(f"{code:06b}" for code in codes)
# The name begins at bit 43, with six bits a letter; 32 is a blank, and 0 would be the end.
print(f"twentieth letter {int(bits[43 + 19 * 6:43 + 20 * 6], 2)}")
PY

mkdir -p reader/src
cat > reader/Cargo.toml <<'TOML'
[package]
name = "reader"
version = "0.0.0"
edition = "2024"

[dependencies]
aivdm = "=0.3.0"
TOML
cat > reader/src/main.rs <<'RUST'
use aivdm::AisMessage;
use aivdm::nmea::{FragmentAssembler, Sentence};

fn main() {
    let text = std::fs::read_to_string("lines").unwrap();
    let mut parts = FragmentAssembler::<200>::new();
    for line in text.lines() {
        if let Some(whole) = parts.push(&Sentence::parse(line).unwrap()).unwrap() {
            let AisMessage::AidToNavigationReport(aid) = aivdm::decode_payload(whole.armored, whole.fill_bits).unwrap() else { panic!() };
            println!("aivdm [{}]", aid.name);
        }
    }
}
RUST
cargo build --quiet --manifest-path reader/Cargo.toml
reader/target/debug/reader > aivdm.txt

cat aivdm.txt pyais.txt | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
aivdm [NORTH CARDINAL BUOY7 EAST]
pyais [NORTH CARDINAL BUOY] [7 EAST]
twentieth letter 32
TEXT
echo "as described: the blank between the name and its extension is lost"
