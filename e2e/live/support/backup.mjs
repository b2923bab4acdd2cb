// The frames of a backup (docs/backup.md), once more: written and taken apart without the program's own code.

import { createHash } from 'node:crypto';

/** How a file begins. */
export const MAGIC = Buffer.from('heliograph backup 1\n');

const KINDS = [undefined, 'head', 'rows', 'part', 'end'];
const HEAD_BYTES = 5;
const DIGEST_BYTES = 32;

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** What stands before the first frame. */
export const START = sha256(MAGIC);

/** A frame of a kind behind the one with the digest `before`: `{bytes, digest}`. */
export function frame(kind, content, before = START) {
  const payload = Buffer.from(content);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(KINDS.indexOf(kind), 0);
  head.writeUInt32LE(payload.length, 1);
  const digest = sha256(before, head, payload);
  return { bytes: Buffer.concat([head, payload, digest]), digest };
}

/** The frames of a file: `{kind, payload, bytes, at}`, of which `at` is where it begins. */
export function framesOf(file) {
  const frames = [];
  for (let at = MAGIC.length; at < file.length; ) {
    const length = file.readUInt32LE(at + 1);
    const end = at + HEAD_BYTES + length + DIGEST_BYTES;
    const payload = file.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    frames.push({ kind: KINDS[file[at]], payload, bytes: file.subarray(at, end), at });
    at = end;
  }
  return frames;
}
