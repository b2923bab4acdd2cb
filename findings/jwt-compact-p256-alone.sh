#!/usr/bin/env bash
# jwt-compact@0.8.0 (crates.io, pinned below): its feature `p256`, which is documented as enough for ES256 and for keys as JWK, does not
# compile by itself. The reader of EC keys calls `JsonWebKey::ensure_len` and `ensure_key_match`, which exist only together with
# a feature for EdDSA or RSA. With `ed25519-compact` added, which nobody asked for, it compiles.
#
# Seen with rustc 1.95.0:
#   p256                    error[E0599]: no variant or associated item named `ensure_len` found for enum `JsonWebKey<'a>`
#   p256 + ed25519-compact  compiles
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo init --quiet --lib --name probe .
export CARGO_TARGET_DIR="$folder/target" CARGO_TERM_COLOR=never

cat >>Cargo.toml <<'TOML'
jwt-compact = { version = "=0.8.0", default-features = false, features = ["p256"] }
TOML
if cargo check --quiet 2>alone.log; then
  echo "p256 alone compiles now"
  exit 1
fi
grep -m1 'ensure_len' alone.log

sed -i 's/\["p256"\]/["p256", "ed25519-compact"]/' Cargo.toml
cargo check --quiet
echo "as described: p256 alone does not compile, p256 with ed25519-compact does"
