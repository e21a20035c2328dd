import { expect, test } from 'vitest';
import { replicaId } from './text.model.ts';
import { Text } from './text.ts';
import { checkTree } from './tree-check.model.ts';

test('[TEXT1] two who type in turns, and delete most of it, read what they typed, however often the text is moved and settled', () => {
  const a = new Text(replicaId('a'), { next: 0 });
  const b = new Text(replicaId('b'), { next: 0 });
  const start = 'one\ntwo\n';
  b.apply(a.localInsert(0, start));
  let first = 'one';
  let second = 'two';
  let unread = 0;
  for (let i = 0; i < 6_000; i++) {
    // Each goes on at the end of a line of its own, so no run's characters are the last ones of the pool for long.
    const letter = String.fromCharCode(97 + (i % 26));
    b.apply(a.localInsert(first.length, letter));
    first += letter;
    a.apply(b.localInsert(first.length + 1 + second.length, letter.toUpperCase()));
    second += letter.toUpperCase();
    if (i % 40 === 39) {
      b.apply(a.localDelete(2, first.length - 5));
      first = first.slice(0, 2) + first.slice(-3);
      a.apply(b.localDelete(first.length + 3, second.length - 5));
      second = second.slice(0, 2) + second.slice(-3);
    }
    // One reads pieces all the time, the other nearly never reads anything.
    expect(a.slice(first.length - 1, first.length + 2)).toBe(`${first.slice(-1)}\n${second.slice(0, 1)}`);
    if (++unread === 2_500) {
      unread = 0;
      expect(b.toString()).toBe(`${first}\n${second}\n`);
    }
  }
  for (const text of [a, b]) {
    checkTree(text.tree);
    expect(text.toString()).toBe(`${first}\n${second}\n`);
    checkTree(text.tree);
    // What was deleted is not kept: 6,000 letters each were typed.
    expect(text.tree.pool.end).toBe(text.length);
  }
});
