#!/bin/sh
# Starts the server from an unpacked archive, in the foreground.
#
#   HELIOGRAPH_LISTEN      address and port; 127.0.0.1:8787 when not set
#   HELIOGRAPH_DATA        folder of the data; /var/lib/heliograph when not set
#   CREDENTIALS_DIRECTORY  folder with the files admin-key and signing-key.pem, and archive-default.json where boards deliver
#                          their events, scrape-token where /metrics is read, otlp-endpoint and otlp-headers where it is pushed; systemd sets it. Without it the secrets are taken from the environment.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${CREDENTIALS_DIRECTORY:-}" ]; then
  HELIOGRAPH_ADMIN_KEY=$(cat "$CREDENTIALS_DIRECTORY/admin-key")
  HELIOGRAPH_SIGNING_KEY=$(cat "$CREDENTIALS_DIRECTORY/signing-key.pem")
  export HELIOGRAPH_ADMIN_KEY HELIOGRAPH_SIGNING_KEY
  if [ -f "$CREDENTIALS_DIRECTORY/archive-default.json" ]; then
    ARCHIVE_DEFAULT=$(cat "$CREDENTIALS_DIRECTORY/archive-default.json")
    export ARCHIVE_DEFAULT
  fi
  if [ -f "$CREDENTIALS_DIRECTORY/scrape-token" ]; then
    HELIOGRAPH_SCRAPE_TOKEN=$(cat "$CREDENTIALS_DIRECTORY/scrape-token")
    export HELIOGRAPH_SCRAPE_TOKEN
  fi
  if [ -f "$CREDENTIALS_DIRECTORY/otlp-endpoint" ]; then
    HELIOGRAPH_OTLP_ENDPOINT=$(cat "$CREDENTIALS_DIRECTORY/otlp-endpoint")
    export HELIOGRAPH_OTLP_ENDPOINT
  fi
  if [ -f "$CREDENTIALS_DIRECTORY/otlp-headers" ]; then
    HELIOGRAPH_OTLP_HEADERS=$(cat "$CREDENTIALS_DIRECTORY/otlp-headers")
    export HELIOGRAPH_OTLP_HEADERS
  fi
fi
data=${HELIOGRAPH_DATA:-/var/lib/heliograph}
umask 077
mkdir -p "$data/do"
exec ./workerd serve workerd.capnp \
  "--socket-addr=http=${HELIOGRAPH_LISTEN:-127.0.0.1:8787}" "--directory-path=do=$data/do"
