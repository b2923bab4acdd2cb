#!/bin/sh
# Packs what a server needs into one archive: deploy/pack.sh heliograph.tar.gz
# It packs what is built: run `cargo xtask dist` first. docs/self-host.md says what to do with it.
set -eu
to=$(realpath -m "${1:?usage: deploy/pack.sh FILE.tar.gz}")
cd "$(dirname "$0")/.."
case $(uname -m) in aarch64) processor=arm64 ;; *) processor=64 ;; esac
workerd=node_modules/@cloudflare/workerd-linux-$processor/bin/workerd
for file in "$workerd" worker/build/index_bg.wasm transform/build/transform.wasm transform/build/picture.wasm dist/index.html target/release/heliograph; do
  [ -f "$file" ] || { echo "$file is missing: run cargo xtask dist" >&2; exit 1; }
done
# Programs at the top, everything else where the configuration looks for it.
tar --create --auto-compress --file "$to" --owner=0 --group=0 --transform='s,^.*/bin/workerd$,workerd,;s,^target/release/,,' \
  workerd.capnp worker/entry worker/build/index.js worker/build/index_bg.wasm transform/index.js transform/build dist \
  boards deploy LICENSE-MIT LICENSE-APACHE "$workerd" target/release/heliograph
echo "$to"
