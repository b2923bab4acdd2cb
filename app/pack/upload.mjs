// The commands that put a packed site into a bucket: one copy for all objects that are served with the same headers.

/** A shell script; its only argument is the bucket. */
export function uploadScript(objects) {
  const groups = new Map();
  for (const one of objects) {
    const key = JSON.stringify([order(one), one.type, one.cache, one.encoding]);
    groups.set(key, [...(groups.get(key) ?? []), one.path.slice(1)]);
  }
  const copies = [...groups].map(([key, paths]) => [...JSON.parse(key), paths]).sort(([a], [b]) => a - b);
  return `#!/bin/sh
# Puts this site into a bucket:  sh upload.sh BUCKET
# Pages come after what they load, and the service worker last. Nothing is deleted: pages that are open go on with the files of
# their own version. Going back is the same command in the folder of the version before.
set -eu
bucket=\${1:?name the bucket: sh upload.sh BUCKET}
cd "$(dirname "$0")/objects"
put() { aws s3 cp . "s3://$bucket" --recursive --only-show-errors --exclude '*' "$@"; }
${copies.map(([, type, cache, encoding, paths]) => copy(type, cache, encoding, paths)).join('\n')}
echo "uploaded ${objects.length} objects to $bucket"
`;
}

/** What is loaded, pages, the service worker. */
function order({ path }) {
  if (/^\/sw\.js/.test(path)) return 2;
  return /\.html(?:\.\w+)?$/.test(path) ? 1 : 0;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function copy(type, cache, encoding, paths) {
  const headers = [`--content-type ${quoted(type)}`, `--cache-control ${quoted(cache)}`];
  if (encoding) headers.push(`--content-encoding ${encoding}`);
  return `put ${headers.join(' ')}${paths.map((path) => ` \\\n  --include ${quoted(path)}`).join('')}`;
}
