import type { ClearableMVRegister, ClearableRegister } from '../../registers/clearable-register.ts';
import type { Value } from '../../value.ts';
import { Handle, type Edited } from './handle.ts';

/** A register in which the last write wins. */
export class DocumentRegister extends Handle {
  get #register(): ClearableRegister {
    return this.container.leaf(this.document.context) as ClearableRegister;
  }

  /** `undefined` before the first write and after its key was removed. */
  get value(): Value | undefined {
    return this.#register.value;
  }

  /** An edit also when the register shows the same value already: it is the later word. */
  set(value: Value): Edited {
    return this.edit(
      () => this.#register.localSet(value),
      () => [{ value: this.value }],
    );
  }
}

/** A register that keeps all that was written at the same time, until somebody who has seen it decides. */
export class DocumentMVRegister extends Handle {
  get #register(): ClearableMVRegister {
    return this.container.leaf(this.document.context) as ClearableMVRegister;
  }

  /** In the order of their authors' ids, the same on every replica. */
  values(): readonly Value[] {
    return this.#register.values();
  }

  /** Overwrites all that is held now. */
  set(value: Value): Edited {
    return this.edit(
      () => this.#register.localSet(value),
      () => [{ values: this.values() }],
    );
  }
}
