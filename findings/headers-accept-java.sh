#!/usr/bin/env bash
# headers-accept@0.3.0 (crates.io, pinned below, with mediatype@0.21.0): one element of `Accept` that it can't read refuses the whole header. The
# header that Java's HttpURLConnection sends when a program sets none has such an element (a lone `*`). An element with a
# parameter, such as a charset, matches only an offer with the same one.
#
# Seen with Rust 1.95.0, where `text/html`, `application/json` and `text/csv` are offered:
#   text/csv, application/json;q=0.5                          text/csv
#   text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2      refused
#   text/html, image/gif, image/jpeg, */*; q=.2               text/html
#   text/csv;charset=utf-8                                    nothing
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo init --quiet --vcs none --name probe
cargo add --quiet headers-accept@=0.3.0 headers-core@=0.3.0 mediatype@=0.21.0

cat >src/main.rs <<'RUST'
use std::str::FromStr;

use headers_accept::Accept;
use mediatype::MediaType;

fn main() {
    let offered = ["text/html", "application/json", "text/csv"].map(|kind| MediaType::parse(kind).unwrap());
    for header in [
        "text/csv, application/json;q=0.5",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "text/html, image/gif, image/jpeg, */*; q=.2",
        "text/csv;charset=utf-8",
    ] {
        let seen = match Accept::from_str(header) {
            Ok(accept) => accept.negotiate(&offered).map_or("nothing".to_owned(), ToString::to_string),
            Err(_) => "refused".to_owned(),
        };
        println!("{header} | {seen}");
    }
}
RUST
CARGO_TARGET_DIR="$folder/target" cargo run --quiet | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
text/csv, application/json;q=0.5 | text/csv
text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2 | refused
text/html, image/gif, image/jpeg, */*; q=.2 | text/html
text/csv;charset=utf-8 | nothing
TEXT
echo "as described: one unreadable element refuses the whole header"
