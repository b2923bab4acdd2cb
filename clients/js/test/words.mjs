// What a link said, in the words of testkit/cases/README.md; wake-ups and changes are left out.
export function said(out) {
  return out.flatMap((o) => {
    switch (o.type) {
      case 'open':
        return ['open', ...o.protocols.slice(1)].join(' ');
      case 'close':
        return 'close';
      case 'send': {
        if (o.text === 'ping') return 'ping';
        const m = JSON.parse(o.text);
        if (m.action === 'subscribe') return `subscribe ${m.id}${m.resume ? ` from ${m.resume}` : ''}`;
        if (m.action === 'unsubscribe') return `unsubscribe ${m.id}`;
        if (m.action === 'ack') return `ack ${m.cursor}`;
        return m.action === 'token' ? `token ${m.token}` : m.action;
      }
      case 'fetch token':
        return 'fetch token';
      case 'refused':
        return `refused ${o.code}`;
      case 'status': {
        const { state, attempt, error } = o.status;
        if (state === 'stopped') return `stopped ${error.closeCode ?? 0}`;
        return attempt === undefined ? state.replace('_', ' ') : `${state} ${attempt}`;
      }
      default:
        return [];
    }
  });
}
