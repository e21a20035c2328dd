/**
 * A forest that answers "is this inside that?" in logarithmic time, however deep, while nodes are moved about: link-cut trees
 * (Sleator, Tarjan 1983, *A data structure for dynamic trees*; with splay trees as in their *Self-adjusting binary search
 * trees*, 1985, section 6). Going up from parent to parent is faster where a tree is as deep as people make them, and a bomb
 * where somebody nests ten thousand nodes and moves the outer ones.
 *
 * The forest is cut into paths that go down. Each is a splay tree ordered by depth, whose root hangs on the node above the
 * path. `access` makes the way from a root to a node one path, so the amortized bound is that of splaying.
 */

/** One node of the forest. What the fields say of parent and children is about the splay trees, not about the forest. */
export class Link {
  up: Link | undefined = undefined;
  left: Link | undefined = undefined;
  right: Link | undefined = undefined;
}

/** Hangs `node`, which is in nothing, into `parent`, which is not inside it. */
export function link(node: Link, parent: Link): void {
  access(node);
  node.up = parent;
}

/** Takes `node` out of what it is in. */
export function cut(node: Link): void {
  access(node);
  if (node.left === undefined) return;
  node.left.up = undefined;
  node.left = undefined;
}

/** Is `node` inside `ancestor`, at whatever depth? */
export function isInside(node: Link, ancestor: Link): boolean {
  if (node === ancestor) return false;
  access(node);
  splay(ancestor);
  // `node` was the root of its path, and no longer is if `ancestor` was on it.
  return node.up !== undefined;
}

/** Makes the way from the root of the forest to `node` one path, with `node` as its deepest and as the splay tree's root. */
function access(node: Link): void {
  let below: Link | undefined;
  for (let at: Link | undefined = node; at !== undefined; at = at.up) {
    splay(at);
    at.right = below;
    below = at;
  }
  splay(node);
}

function splay(node: Link): void {
  while (!isTop(node)) {
    const above = node.up as Link;
    if (!isTop(above)) rotate(((above.up as Link).left === above) === (above.left === node) ? above : node);
    rotate(node);
  }
}

/** Is it the root of its splay tree? Its path may still hang on something. */
function isTop(node: Link): boolean {
  return node.up?.left !== node && node.up?.right !== node;
}

/** Puts `node` in the place of the one above it. */
function rotate(node: Link): void {
  const above = node.up as Link;
  const top = above.up;
  if (top?.left === above) top.left = node;
  else if (top?.right === above) top.right = node;
  const isLeft = above.left === node;
  const inner = isLeft ? node.right : node.left;
  if (isLeft) {
    above.left = inner;
    node.right = above;
  } else {
    above.right = inner;
    node.left = above;
  }
  if (inner !== undefined) inner.up = above;
  above.up = node;
  node.up = top;
}
