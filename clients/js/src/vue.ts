// Vue: what a feed has, as shallow refs. A subscription ends with the scope that it was begun in.

import { type MaybeRefOrGetter, type ShallowRef, onScopeDispose, shallowRef, toValue, watch } from 'vue';
import type { Feed, HeliographError, Item, ItemsWish, Ranking, ScoresWish, Status } from './index.js';

/** What a composable knows of its subscription beside the data. */
export interface Following {
  /** Whether the data is what was asked for. While a change is under way it is what was there before. */
  ready: ShallowRef<boolean>;
  /** Why the server refused it; null when it did not. */
  error: ShallowRef<HeliographError | null>;
}

/** Items that are followed. A wish that is a ref or a getter changes the subscription when it changes. */
export function useItems(feed: Feed, wish: MaybeRefOrGetter<ItemsWish> = {}): Following & { items: ShallowRef<readonly Item[]> } {
  const subscription = feed.items(toValue(wish));
  const items = shallowRef<readonly Item[]>(subscription.list());
  subscription.on('change', () => (items.value = subscription.list()));
  return { items, ...follow(subscription, wish) };
}

/** Rows of the ranking that are followed. A wish that is a ref or a getter changes the subscription when it changes. */
export function useScores(feed: Feed, wish: MaybeRefOrGetter<ScoresWish> = {}): Following & { ranking: ShallowRef<Ranking> } {
  const subscription = feed.scores(toValue(wish));
  const ranking = shallowRef<Ranking>(subscription.ranking());
  subscription.on('change', () => (ranking.value = subscription.ranking()));
  return { ranking, ...follow(subscription, wish) };
}

/** How the connection is. */
export function useStatus(feed: Feed): ShallowRef<Status> {
  const status = shallowRef<Status>(feed.status);
  onScopeDispose(feed.on('status', (now) => (status.value = now)));
  return status;
}

function follow<Wish>(
  subscription: { ready: Promise<void>; update(wish: Wish): Promise<void>; close(): void },
  wish: MaybeRefOrGetter<Wish>,
): Following {
  const ready = shallowRef(false);
  const error = shallowRef<HeliographError | null>(null);
  let latest: Promise<void>;
  const wait = (answer: Promise<void>): void => {
    latest = answer;
    ready.value = false;
    error.value = null;
    answer.then(
      () => answer === latest && (ready.value = true),
      (why: HeliographError) => answer === latest && (error.value = why),
    );
  };
  wait(subscription.ready);
  let asked = JSON.stringify(toValue(wish));
  watch(
    () => JSON.stringify(toValue(wish)),
    (now) => {
      if (now === asked) return;
      asked = now;
      wait(subscription.update(JSON.parse(now) as Wish));
    },
  );
  onScopeDispose(() => subscription.close());
  return { ready, error };
}
