// A copy of who is there.

import type { Member, PresenceChange } from './types.js';
import type { PresenceMessage } from './wire.js';

/** How many are there, and who. */
export class PresenceCopy {
  /** It is of no place in the log. */
  readonly cursor = null;
  /** Connections; null before the first message. */
  count: number | null = null;
  /** Members by their ids; null where names are not told. */
  members: ReadonlyMap<string, Member> | null = null;

  /** Takes a message; null when it is a change of what is not here. */
  apply({ snapshot = false, count, joined = 0, left = 0, members, gone = [] }: PresenceMessage): PresenceChange | null {
    if (!snapshot && this.count === null) return null;
    if (members) {
      const all = new Map<string, Member>(snapshot ? [] : this.members);
      for (const id of gone) all.delete(id);
      for (const member of members) all.set(member.id, member);
      this.members = all;
    } else if (snapshot) {
      this.members = null;
    }
    this.count = count;
    return { reset: snapshot, joined, left };
  }
}
