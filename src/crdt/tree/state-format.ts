/** What the writer and the reader of a tree's bytes agree on (docs/protocols/tree.md). */

export const treeVersion = 1;

/** Codes of a parent: that of the node before, the root, the trash. Beyond them: the place of its replica, then its counter. */
export const SAME = 0;
export const ROOT = 1;
export const TRASH = 2;
export const NODE = 3;
