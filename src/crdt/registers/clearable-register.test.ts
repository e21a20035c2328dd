import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { Context } from '../context.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import type { Value } from '../value.ts';
import { ClearableMVRegister, ClearableRegister } from './clearable-register.ts';
import { LWWRegister } from './lww-register.ts';
import type { LWWSetOp, MVSetOp } from './messages.ts';

const names = ['c', '1', 'f'];
/** Stamps from a clock that stands wherever `at` says. */
function contextAt(name: string, at: { wallMs: number }): Context {
  return {
    ...contextOf(replicaIdOf(name)),
    stamp: over => {
      const own = { wallMs: at.wallMs, logical: 0 };
      if (over === undefined || own.wallMs > over.wallMs) return own;
      return { wallMs: over.wallMs, logical: over.logical + 1 };
    },
  };
}

describe('a register that can be emptied', () => {
  test('[REG15] shows what an LWW-Register shows while nothing is cleared', () => {
    const write = fc.record({ by: fc.nat(2), wallMs: fc.nat(5), sees: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 20 }), writes => {
        const clocks = names.map(() => ({ wallMs: 0 }));
        const plain = names.map((name, i) => new LWWRegister(contextAt(name, clocks[i]!)));
        const clearable = names.map((name, i) => new ClearableRegister(contextAt(name, clocks[i]!)));
        const sent: { lww: readonly LWWSetOp[]; mv: readonly MVSetOp[] }[] = [];
        for (const [value, { by, wallMs, sees }] of writes.entries()) {
          for (const { lww, mv } of sent.slice(0, sees)) {
            plain[by]!.apply(lww);
            expect(clearable[by]!.apply(mv).ok).toBe(true);
          }
          clocks[by]!.wallMs = wallMs;
          // Both see the same stamps, so both stamp alike.
          sent.push({ lww: plain[by]!.localSet(value), mv: clearable[by]!.localSet(value) });
          expect(clearable[by]!.value).toBe(plain[by]!.value);
        }
        for (let i = 0; i < names.length; i++) {
          for (const { lww, mv } of sent) {
            plain[i]!.apply(lww);
            clearable[i]!.apply(mv);
          }
          expect(clearable[i]!.value).toBe(plain[i]!.value);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[REG14] a write that a clear had not seen stays and is shown, whatever its stamp', () => {
    const [a, b, c] = [9, 5, 1].map((wallMs, i) => new ClearableRegister(contextAt(names[i]!, { wallMs })));
    const high = a!.localSet('high');
    b!.apply(high);
    const low = c!.localSet('low');
    const clear = b!.localClear();
    expect(b!.localClear()).toEqual([]);
    expect(b!.value).toBeUndefined();
    expect(a!.apply(low)).toEqual({ ok: true, changes: [{ value: 'high' }] });
    expect(a!.apply(clear)).toEqual({ ok: true, changes: [{ value: 'low' }] });
    c!.apply(high);
    c!.apply([...clear, ...clear]);
    expect(c!.value).toBe('low');
    const both = [...a!.localClear(), ...c!.localClear()];
    for (const each of [a!, c!]) expect(each.apply(both).ok && each.value).toBeUndefined();
  });

  test('[REG15] the last stamp does not win for ever', () => {
    const a = new ClearableRegister({ ...contextOf(replicaIdOf('a')), stamp: () => lastHybridTime });
    const b = new ClearableRegister({ ...contextOf(replicaIdOf('b')), stamp: () => lastHybridTime });
    b.apply(a.localSet('for ever'));
    a.apply(b.localSet('not'));
    expect([a.value, b.value]).toEqual(['not', 'not']);
  });

  test('[REG14] a multi-value register is emptied of what was seen', () => {
    const [a, b] = ['a', 'b'].map(name => new ClearableMVRegister(contextOf(replicaIdOf(name))));
    const [one, two] = [a!.localSet(1), b!.localSet(null)];
    b!.apply(one);
    expect(b!.values()).toEqual([1, null]);
    const clear = a!.localClear();
    expect(a!.values()).toEqual([]);
    b!.apply(clear);
    a!.apply(two);
    expect([a!.values(), b!.values()]).toEqual([[null], [null]]);
  });

  test.each<[string, Value]>([
    ['a text', 'x'],
    ['no stamp', [1]],
    ['half a stamp', [1, 'x']],
    ['a stamp out of range', [-1, 0, 'x']],
    ['more than a value', [1, 0, 'x', 'y']],
  ])('[REG16] %s is refused', (_, value) => {
    const register = new ClearableRegister(contextOf(replicaIdOf('a')));
    register.localSet('kept');
    const op: MVSetOp = {
      type: 'set',
      id: { replicaId: replicaIdOf('b'), counter: 0 },
      value,
      overwrites: [],
    };
    expect(register.apply([op])).toEqual({ ok: false, reason: 'malformed value' });
    expect(register.value).toBe('kept');
    if (!Array.isArray(value) || value.length !== 1)
      expect(new ClearableMVRegister(contextOf(replicaIdOf('a'))).apply([op]).ok).toBe(false);
  });
});
