import { assert } from '../../../base/assert.ts';
import { mapDepthMax } from '../../../base/limits.ts';
import type { MapOp } from '../../map/messages.ts';
import type { Value } from '../../value.ts';
import { isKey } from '../apply.ts';
import type { Container } from '../container.ts';
import {
  counterKind,
  gCounterKind,
  gSetKind,
  kindName,
  listKind,
  mapCode,
  mvRegisterKind,
  registerKind,
  setKind,
  textKind,
  treeKind,
  twoPhaseSetKind,
} from '../kinds.ts';
import { DocumentCounter, DocumentGCounter } from './counter.ts';
import { Handle, type Edited } from './handle.ts';
import { DocumentList } from './list.ts';
import { DocumentMVRegister, DocumentRegister } from './registers.ts';
import { DocumentGSet, DocumentSet, DocumentTwoPhaseSet } from './sets.ts';
import { DocumentText } from './text.ts';
import { DocumentTree } from './tree.ts';

/**
 * A map of named values of any kind, maps included. A value is reached by its name and its kind and needs no making:
 * whoever asks for it has it. Two kinds under one name are two values that do not meet.
 */
export class DocumentMap extends Handle {
  text(key: string): DocumentText {
    return new DocumentText(this.document, this.#child(key, textKind.code));
  }

  register(key: string): DocumentRegister {
    return new DocumentRegister(this.document, this.#child(key, registerKind.code));
  }

  mvRegister(key: string): DocumentMVRegister {
    return new DocumentMVRegister(this.document, this.#child(key, mvRegisterKind.code));
  }

  list(key: string): DocumentList {
    return new DocumentList(this.document, this.#child(key, listKind.code));
  }

  tree(key: string): DocumentTree {
    return new DocumentTree(this.document, this.#child(key, treeKind.code));
  }

  /** The register under `key`, read. */
  get(key: string): Value | undefined {
    return this.register(key).value;
  }

  /** The register under `key`, written: the map as one of plain values. */
  set(key: string, value: Value): Edited {
    return this.register(key).set(value);
  }

  /** Of plain values, which come and go: an OR-Set. */
  orSet(key: string): DocumentSet {
    return new DocumentSet(this.document, this.#child(key, setKind.code));
  }

  gSet(key: string): DocumentGSet {
    return new DocumentGSet(this.document, this.#child(key, gSetKind.code));
  }

  twoPhaseSet(key: string): DocumentTwoPhaseSet {
    return new DocumentTwoPhaseSet(this.document, this.#child(key, twoPhaseSetKind.code));
  }

  gCounter(key: string): DocumentGCounter {
    return new DocumentGCounter(this.document, this.#child(key, gCounterKind.code));
  }

  counter(key: string): DocumentCounter {
    return new DocumentCounter(this.document, this.#child(key, counterKind.code));
  }

  map(key: string): DocumentMap {
    return new DocumentMap(this.document, this.#child(key, mapCode));
  }

  /** The keys under which something is present, in the order of their code units. */
  keys(): string[] {
    const keys: string[] = [];
    for (const child of this.container.sortedChildren())
      if (child.present && keys[keys.length - 1] !== child.id.key) keys.push(child.id.key);
    return keys;
  }

  /** The kinds of what is present under `key`. */
  kinds(key: string): string[] {
    return this.container
      .under(key)
      .filter(child => child.present)
      .map(child => kindName(child.id.kind))
      .sort();
  }

  has(key: string): boolean {
    return this.kinds(key).length > 0;
  }

  /** Makes an empty map present under `key`. For all else an edit does. */
  touch(key: string): Edited {
    return this.document.touch(this.#child(key, mapCode));
  }

  /**
   * Takes away what is under `key`, of every kind and with everything inside. What others edit there at the same time
   * stays, alone; whoever writes there later begins with nothing.
   */
  delete(key: string): Edited {
    if (!this.has(key)) return undefined;
    return this.document.transact(() => {
      for (const child of this.container.under(key)) if (child.present) this.#clear(child);
      this.document.edit(this.container, () => {
        const { counter, replicaId } = this.document.context;
        const observed = this.container.observedUnder(key);
        const op: MapOp = { type: 'remove', id: { replicaId, counter: counter.next++ }, key, observed };
        this.container.remove(key, observed, this.document.presence);
        return [op];
      });
    });
  }

  /** Empties every value that is present in `outer`. */
  #clear(outer: Container): void {
    for (const { container, kind } of outer.presentLeaves()) {
      const value = container.leaf(this.document.context);
      this.document.edit(container, () => kind.clear(value));
    }
  }

  #child(key: string, kind: number): Container {
    assert(isKey(key), 'a key is well-formed and no longer than mapKeyBytesMax');
    assert(this.path.length < mapDepthMax, 'maps are not nested deeper than mapDepthMax');
    return this.container.ensureChild(key, kind);
  }
}
