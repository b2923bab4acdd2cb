// React: what a feed has, as state. One component that uses a hook follows one subscription; it ends with the component.

import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Feed, HeliographError, Item, Items, ItemsWish, Ranking, Scores, ScoresWish, Status } from './index.js';

/** What a hook knows of its subscription beside the data. */
export interface Following {
  /** Whether the data is what was asked for. While a change is under way it is what was there before. */
  ready: boolean;
  /** Why the server refused it; null when it did not. */
  error: HeliographError | null;
}

const NOTHING: readonly Item[] = [];
const NO_RANKING: Ranking = { rows: [], around: [], total: 0, about: null };

/** Items that are followed. Another wish changes the subscription, and does not begin a new one. */
export function useItems(feed: Feed, wish: ItemsWish = {}): Following & { items: readonly Item[] } {
  const [items, following] = useSubscription<Items, ItemsWish, readonly Item[]>(feed, wish, (f, w) => f.items(w), (s) => s.list(), NOTHING);
  return { items, ...following };
}

/** Rows of the ranking that are followed. Another wish changes the subscription. */
export function useScores(feed: Feed, wish: ScoresWish = {}): Following & Ranking {
  const [ranking, following] = useSubscription<Scores, ScoresWish, Ranking>(feed, wish, (f, w) => f.scores(w), (s) => s.ranking(), NO_RANKING);
  return { ...ranking, ...following };
}

/** How the connection is. */
export function useStatus(feed: Feed): Status {
  const subscribe = useMemo(() => (changed: () => void) => feed.on('status', changed), [feed]);
  return useSyncExternalStore(subscribe, () => feed.status, () => feed.status);
}

interface Followed<Wish> {
  ready: Promise<void>;
  on(name: 'change', listener: () => void): () => void;
  on(name: 'error', listener: (error: HeliographError) => void): () => void;
  update(wish: Wish): Promise<void>;
  close(): void;
}

function useSubscription<Subscription extends Followed<Wish>, Wish, Data>(
  feed: Feed,
  wish: Wish,
  begin: (feed: Feed, wish: Wish) => Subscription,
  read: (subscription: Subscription) => Data,
  nothing: Data,
): [Data, Following] {
  const [subscription, setSubscription] = useState<Subscription | null>(null);
  const [following, setFollowing] = useState<Following>({ ready: false, error: null });
  const asked = JSON.stringify(wish);
  const begun = useRef<string>(undefined);

  useEffect(() => {
    const own = begin(feed, JSON.parse(asked) as Wish);
    begun.current = asked;
    setSubscription(own);
    setFollowing({ ready: false, error: null });
    return () => own.close();
    // Another wish is a change of the same subscription, below.
  }, [feed]);

  useEffect(() => {
    if (!subscription) return undefined;
    let wanted = true;
    const tell = (now: Following): void => void (wanted && setFollowing(now));
    if (begun.current !== asked) tell({ ready: false, error: null });
    const answer = begun.current === asked ? subscription.ready : subscription.update(JSON.parse(asked) as Wish);
    begun.current = asked;
    answer.then(() => tell({ ready: true, error: null }), (error: HeliographError) => tell({ ready: false, error }));
    return () => void (wanted = false);
  }, [subscription, asked]);

  const subscribe = useMemo(() => (changed: () => void) => subscription?.on('change', changed) ?? (() => {}), [subscription]);
  const data = useSyncExternalStore(subscribe, () => (subscription ? read(subscription) : nothing), () => nothing);
  return [data, following];
}
