/**
 * The obvious map: it keeps everything that was ever done, each with all that whoever did it had seen. A value is there if
 * somebody edited it in an edit that no removal had seen.
 */
export interface Done {
  readonly key: string;
  /** Of the value edited; none: the key was removed. */
  readonly kind: string | undefined;
  readonly seen: ReadonlySet<Done>;
}

export class ModelMap {
  readonly #done = new Set<Done>();

  /** Does it here, with everything known so far in view. */
  local(key: string, kind: string | undefined): Done {
    const done = { key, kind, seen: new Set(this.#done) };
    this.#done.add(done);
    return done;
  }

  apply(done: Done): void {
    this.#done.add(done);
  }

  has(done: Done): boolean {
    return this.#done.has(done);
  }

  /** The edits of `key` that count. */
  edits(key: string): readonly Done[] {
    const own = [...this.#done].filter(done => done.key === key);
    const removals = own.filter(({ kind }) => kind === undefined);
    return own.filter(done => done.kind !== undefined && !removals.some(({ seen }) => seen.has(done)));
  }

  kinds(key: string): readonly string[] {
    return [...new Set(this.edits(key).map(({ kind }) => kind as string))].sort();
  }

  keys(): readonly string[] {
    const keys = [...new Set([...this.#done].map(({ key }) => key))].sort();
    return keys.filter(key => this.edits(key).length > 0);
  }
}
