// Listeners by name.

/** Something that tells its listeners. */
export class Emitter<Events extends object> {
  #listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** Calls `listener` from now on; what is returned ends that. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // The same function twice is two listeners.
    const own = (value: Events[Name]): void => listener(value);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  /** @internal */
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (value: Events[Name]) => void)(value);
      } catch (error) {
        // One that fails must not keep the others, or the connection, from what they are told.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}
