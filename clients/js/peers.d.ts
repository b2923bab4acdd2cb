// What the bindings use of React and Vue, so that they build without these. e2e/browser/client_js.test.mjs holds the bindings
// to the types of the real ones.

declare module 'react' {
  export function useEffect(effect: () => void | (() => void), dependencies?: readonly unknown[]): void;
  export function useMemo<T>(make: () => T, dependencies: readonly unknown[]): T;
  export function useRef<T>(initial: T): { current: T };
  export function useRef<T>(initial: T | undefined): { current: T | undefined };
  export function useState<T>(initial: T): [T, (next: T) => void];
  export function useSyncExternalStore<T>(subscribe: (changed: () => void) => () => void, read: () => T, onServer?: () => T): T;
}

declare module 'vue' {
  export interface ShallowRef<T> {
    value: T;
  }
  export type MaybeRefOrGetter<T> = T | ShallowRef<T> | (() => T);
  export function onScopeDispose(then: () => void): void;
  export function shallowRef<T>(value: T): ShallowRef<T>;
  export function toValue<T>(source: MaybeRefOrGetter<T>): T;
  export function watch<T>(source: () => T, changed: (now: T) => void): void;
}
