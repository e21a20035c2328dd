/** What each value is, the obvious way: what every library's values are compared with, and what edits are drawn along. */
import type { Branch, CounterValue, ListValue, MapValue, SetValue, TreeValue } from './library.ts';

export class ModelCounter implements CounterValue {
  #value = 0;
  add(amount: number): void {
    this.#value += amount;
  }
  view(): number {
    return this.#value;
  }
}

export class ModelSet implements SetValue {
  readonly #values = new Set<string>();
  add(value: string): void {
    this.#values.add(value);
  }
  remove(value: string): void {
    this.#values.delete(value);
  }
  has(value: string): boolean {
    return this.#values.has(value);
  }
  view(): readonly string[] {
    return [...this.#values].sort();
  }
}

export class ModelMap implements MapValue {
  readonly #entries = new Map<string, string>();
  set(key: string, value: string): void {
    this.#entries.set(key, value);
  }
  delete(key: string): void {
    this.#entries.delete(key);
  }
  get(key: string): string | undefined {
    return this.#entries.get(key);
  }
  view(): readonly (readonly [string, string])[] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

export class ModelList implements ListValue {
  readonly #values: string[] = [];
  get length(): number {
    return this.#values.length;
  }
  get(index: number): string | undefined {
    return this.#values[index];
  }
  insert(index: number, value: string): void {
    this.#values.splice(index, 0, value);
  }
  delete(index: number): void {
    this.#values.splice(index, 1);
  }
  set(index: number, value: string): void {
    this.#values[index] = value;
  }
  move(from: number, to: number): void {
    this.#values.splice(to, 0, ...this.#values.splice(from, 1));
  }
  view(): readonly string[] {
    return [...this.#values];
  }
}

interface Node {
  readonly label: string;
  readonly children: Node[];
  parent: Node | undefined;
}

export class ModelTree implements TreeValue {
  readonly #root: Node = { label: '', children: [], parent: undefined };
  readonly #nodes = new Map<string, Node>();
  get labels(): readonly string[] {
    return [...this.#nodes.keys()];
  }
  /** How many nodes are in `parent`, not counting `without`. */
  inside(parent: string | undefined, without?: string): number {
    return this.#node(parent).children.filter(({ label }) => label !== without).length;
  }
  /** Is `label` the node `parent`, or around it? */
  isAround(label: string, parent: string | undefined): boolean {
    for (let node: Node | undefined = this.#node(parent); node !== undefined; node = node.parent)
      if (node.label === label) return true;
    return false;
  }
  create(label: string, parent: string | undefined, index: number): void {
    const node = { label, children: [], parent: this.#node(parent) };
    this.#nodes.set(label, node);
    node.parent.children.splice(index, 0, node);
  }
  move(label: string, parent: string | undefined, index: number): void {
    const node = this.#node(label);
    this.#takeOut(node);
    node.parent = this.#node(parent);
    node.parent.children.splice(index, 0, node);
  }
  delete(label: string): void {
    const node = this.#node(label);
    this.#takeOut(node);
    const forget = ({ label, children }: Node): void => {
      this.#nodes.delete(label);
      children.forEach(forget);
    };
    forget(node);
  }
  view(): readonly Branch[] {
    const branches = ({ children }: Node): Branch[] =>
      children.map(child => [child.label, branches(child)] as const);
    return branches(this.#root);
  }
  #takeOut({ label, parent }: Node): void {
    const siblings = parent?.children ?? [];
    siblings.splice(
      siblings.findIndex(sibling => sibling.label === label),
      1,
    );
  }
  #node(label: string | undefined): Node {
    const node = label === undefined ? this.#root : this.#nodes.get(label);
    if (node === undefined) throw new Error(`there is no node ${label}`);
    return node;
  }
}
