/** Random edits of a document with values of every kind, and what a user sees of one. */
import type { Document } from './document.ts';
import type { View } from './document.model.ts';
import type { DocumentMap } from './handles/map.ts';

/** Whole numbers from outside, so that a plan repeats exactly and a shrunken one means what it meant. */
export type Draws = readonly [number, number, number, number];

const keys = ['a', 'b', '', 'ü'];
const words = ['x', 'hello', '😀', 'fin', 'W'];

type Editor = (map: DocumentMap, key: string, draws: Draws) => void;

const editors: readonly Editor[] = [
  (map, key, [, , c, d]) => {
    const text = map.text(key);
    if (text.length > 0 && c % 5 === 0) {
      // At the end, where the next one goes on: what people do when they correct themselves.
      const length = Math.min(text.length, 1 + (d % 2));
      text.delete(text.length - length, length);
    } else if (text.length > 0 && c % 3 === 0) {
      const from = d % text.length;
      text.delete(from, Math.min(text.length - from, 1 + (c % 4)));
    } else if (text.length > 0 && c % 7 === 0) {
      const from = d % text.length;
      text.mark(
        from,
        Math.min(text.length, from + 1 + (c % 4)),
        c % 2 === 0 ? 'bold' : 'link',
        c % 3 === 0 ? null : c % 5,
      );
    } else text.insert(d % (text.length + 1), words[c % words.length] ?? '');
  },
  (map, key, [, , c]) => void map.counter(key).add(c % 2 === 0 ? 1 + (c % 7) : -1 - (c % 90)),
  (map, key, [, , c, d]) => {
    const set = map.orSet(key);
    if (c % 3 === 0) set.remove(d % 5);
    else set.add(d % 5);
  },
  (map, key, [, , , d]) => void map.gSet(key).add(d % 5),
  (map, key, [, , c, d]) => {
    const set = map.twoPhaseSet(key);
    if (c % 3 === 0) set.remove(d % 9);
    else set.add(d % 9);
  },
  (map, key, [, , c]) => void map.gCounter(key).increment(1 + (c % 9)),
  (map, key, [, , c]) => void map.set(key, c % 100),
  (map, key, [, , c]) => void map.mvRegister(key).set(c % 100),
  (map, key, [, , c, d]) => {
    const list = map.list(key);
    const { length } = list;
    if (length === 0 || c % 4 === 0)
      list.insert(d % (length + 1), ...[1, 2, 3].slice(c % 3).map(n => n * (d % 50)));
    else if (c % 4 === 1) list.delete(d % length, 1 + ((d >> 4) % (length - (d % length))));
    else if (c % 4 === 2) list.move(d % length, (d >> 5) % length);
    else list.set(d % length, c);
  },
  (map, key, [, , c, d]) => {
    const tree = map.tree(key);
    const nodes = [...tree.walk()].map(({ id }) => id);
    const node = nodes[d % Math.max(1, nodes.length)];
    if (node === undefined || c % 4 === 0) {
      const parent = node === undefined || d % 3 === 0 ? 'root' : node;
      tree.create({ parent, index: (d >> 3) % (tree.children(parent).length + 1) }, { name: c % 50 });
    } else if (c % 4 === 1) tree.delete(node);
    else if (c % 4 === 2) tree.set(node, 'name', c % 50);
    else {
      const parent = nodes[(d >> 4) % nodes.length] ?? 'root';
      if (tree.canMove(node, parent)) tree.move(node, { parent, index: 0 });
      else tree.move(node, { parent: 'root', index: 0 });
    }
  },
  (map, key) => void map.touch(key),
  (map, key) => void map.delete(key),
];

/** How many kinds of edits there are. */
export const editorCount = editors.length;
/** The one that removes a key. */
export const removal = editorCount - 1;

/** One edit somewhere in `document`: `draws` say in which map, under which key, what. */
export function editAt(document: Document, editor: number, draws: Draws): void {
  const [a, b] = draws;
  let map = document.root;
  for (let depth = a % 3, path = a; depth > 0; depth--) map = map.map(keys[(path >>>= 2) % 2] ?? '');
  editors[editor % editorCount]?.(map, keys[b % keys.length] ?? '', draws);
}

export function viewOf(map: DocumentMap): View {
  const view: View = {};
  for (const key of map.keys()) {
    const values: Record<string, unknown> = {};
    for (const kind of map.kinds(key)) values[kind] = see(map, key, kind);
    view[key] = values;
  }
  return view;
}

function see(map: DocumentMap, key: string, kind: string): unknown {
  switch (kind) {
    case 'map':
      return viewOf(map.map(key));
    case 'text':
      return map.text(key).toString();
    case 'counter':
      return map.counter(key).value;
    case 'register':
      return map.get(key) ?? 'nothing';
    case 'mv-register':
      return map.mvRegister(key).values();
    case 'list':
      return map.list(key).toArray();
    case 'tree': {
      const tree = map.tree(key);
      return Array.from(tree.walk(), ({ id, depth }) => [depth, tree.get(id, 'name')]);
    }
    case 'or-set':
      return map.orSet(key).values();
    case 'g-set':
      return map.gSet(key).values();
    case '2p-set':
      return map.twoPhaseSet(key).values();
    case 'g-counter':
      return map.gCounter(key).value;
    default:
      return kind;
  }
}
