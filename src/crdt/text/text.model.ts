/**
 * The obvious text: Fugue as its paper defines it, one node a character, every question answered by walking
 * the whole tree. The engine must agree with it always; it is too slow for anything else.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';
import type { RelativePosition, TextOp } from './messages.ts';

interface Node {
  readonly id: OpId | null;
  readonly unit: string;
  deleted: boolean;
  readonly left: Node[];
  readonly right: Node[];
}

const keyOf = (id: OpId) => `${id.replicaId}.${String(id.counter)}`;

export class ModelText {
  readonly #root: Node = { id: null, unit: '', deleted: true, left: [], right: [] };
  readonly #nodes = new Map<string, Node>();

  /** In-order: left children, the node, right children. The root comes first. */
  walk(): Node[] {
    const nodes: Node[] = [];
    const visit = (node: Node): void => {
      node.left.forEach(visit);
      nodes.push(node);
      node.right.forEach(visit);
    };
    visit(this.#root);
    return nodes;
  }
  shown(): Node[] {
    return this.walk().filter(node => !node.deleted);
  }
  toString(): string {
    return this.shown()
      .map(node => node.unit)
      .join('');
  }

  has(id: OpId): boolean {
    return this.#nodes.has(keyOf(id));
  }

  apply(op: TextOp): void {
    if (op.type !== 'insert' && op.type !== 'delete') return;
    for (let i = 0; i < (op.type === 'insert' ? op.text.length : op.length); i++) {
      if (op.type === 'delete') this.#get({ ...op.target, counter: op.target.counter + i }).deleted = true;
      else if (i === 0) this.#add(op.id, op.parent, op.side, op.text.charAt(0));
      else this.#add(idAt(op.id, i), idAt(op.id, i - 1), 'right', op.text.charAt(i));
    }
  }

  /** Where Fugue hangs a new character: right of its left neighbour, or left of what follows that. */
  placeOf(position: number): { parent: OpId | null; side: 'left' | 'right' } {
    const walk = this.walk();
    const before = position === 0 ? this.#root : (this.shown()[position - 1] ?? this.#root);
    if (before.right.length === 0) return { parent: before.id, side: 'right' };
    return { parent: walk[walk.indexOf(before) + 1]?.id ?? null, side: 'left' };
  }

  idsOf(position: number, length: number): (OpId | null)[] {
    return this.shown()
      .slice(position, position + length)
      .map(node => node.id);
  }

  indexOf({ id, assoc }: RelativePosition): number | undefined {
    const shown = this.shown();
    if (id === null) return assoc === 1 ? shown.length : 0;
    const node = this.#nodes.get(keyOf(id));
    if (node === undefined) return undefined;
    const walk = this.walk();
    const before = walk.slice(0, walk.indexOf(node)).filter(other => !other.deleted).length;
    return node.deleted || assoc === 1 ? before : before + 1;
  }

  #get(id: OpId | null): Node {
    const node = id === null ? this.#root : this.#nodes.get(keyOf(id));
    if (node === undefined) throw new Error('unknown id');
    return node;
  }

  #add(id: OpId, parent: OpId | null, side: 'left' | 'right', unit: string): void {
    if (this.has(id)) return;
    const node: Node = { id, unit, deleted: false, left: [], right: [] };
    const siblings = this.#get(parent)[side];
    siblings.push(node);
    siblings.sort((a, b) => compareIds(a.id as OpId, b.id as OpId));
    this.#nodes.set(keyOf(id), node);
  }
}

function idAt(id: OpId, offset: number): OpId {
  return { replicaId: id.replicaId, counter: id.counter + offset };
}

function compareIds(a: OpId, b: OpId): number {
  if (a.replicaId === b.replicaId) return a.counter - b.counter;
  return a.replicaId < b.replicaId ? -1 : 1;
}

/** A replica id for tests: `name` (hex digits) filled up with zeros. */
export function replicaId(name: string): ReplicaId {
  return name.padEnd(32, '0') as ReplicaId;
}
