// Names files by the hash of what they hold, also where they name each other.

import { createHash } from 'node:crypto';
import { posix } from 'node:path';

const TEXT = /\.(?:m?js|css|webmanifest)$/;
const HASH = /-[0-9a-f]{12,16}(?=[._]|$)/;

/**
 * Gives each file a name with its hash, and writes the names anew in the files that mention them.
 *
 * @param {Map<string, Buffer>} files by their path, without a slash before it
 * @param {Set<string>} kept those of them whose names stay: others know them
 * @returns {Map<string, {path: string, integrity: string, body: Buffer}>} by the path that they had
 */
export function hashed(files, kept) {
  const done = new Map();
  const waiting = new Map([...files].map(([name, body]) => [name, mentioned(name, body, files)]));
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, others]) => others.every((other) => done.has(other)));
    if (ready.length === 0) throw new Error(`these files name each other: ${[...waiting.keys()].join(', ')}`);
    for (const [name, others] of ready) {
      waiting.delete(name);
      const body = files.get(name);
      if (kept.has(name)) done.set(name, { path: `/${name}`, integrity: integrity(body), body });
      else done.set(name, renamed(name, body, others.map((other) => [other, done.get(other).path.slice(1)])));
    }
  }
  return done;
}

/** What a page loads by a name with a hash, and what that names in turn so. */
export function loadedBy(html, files) {
  const hasHash = (name) => HASH.test(posix.basename(name));
  const found = new Set([...files.keys()].filter((name) => hasHash(name) && html.includes(`/${name}`)));
  for (const name of found) for (const other of mentioned(name, files.get(name), files)) if (hasHash(other)) found.add(other);
  return found;
}

/** The integrity of a file, as a page says it. */
export function integrity(body) {
  return `sha384-${createHash('sha384').update(body).digest('base64')}`;
}

/** How a file may name another: by its path, or, beside it, by its last part. */
const spellings = (name, other) => (posix.dirname(name) === posix.dirname(other) ? [other, posix.basename(other)] : [other]);

function mentioned(name, body, files) {
  if (!TEXT.test(name)) return [];
  const text = body.toString();
  return [...files.keys()].filter((other) => other !== name && spellings(name, other).some((spelling) => text.includes(spelling)));
}

function renamed(name, body, others) {
  let text = others.length > 0 ? body.toString() : '';
  // Longer names first: one may be within another.
  for (const [other, now] of [...others].sort(([a], [b]) => b.length - a.length)) {
    text = text.replaceAll(other, now);
    if (posix.dirname(name) === posix.dirname(other)) text = text.replaceAll(posix.basename(other), posix.basename(now));
  }
  const fresh = others.length > 0 ? Buffer.from(text) : body;
  const hash = createHash('sha256').update(fresh).digest('hex').slice(0, 16);
  const { dir, name: stem, ext } = posix.parse(name.replace(HASH, ''));
  return { path: `/${posix.join(dir, `${stem}-${hash}${ext}`)}`, integrity: integrity(fresh), body: fresh };
}
