#!/bin/sh
# What Cargo runs for the workspace's crates while the tests are compiled (xtask/src/lint.rs): clippy's driver. The app's views
# take it minutes: they are linted once, as they are compiled for browsers.
case " $* " in
  *" --crate-name heliograph_app "*" --target wasm32-unknown-unknown "*) ;;
  *" --crate-name heliograph_app "*) exec "$@" ;;
esac
exec clippy-driver "$@"
