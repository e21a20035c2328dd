/**
 * Earlier versions of a text of a document. The document's own history is the only log there is: the operations on this one
 * text are picked out of it when somebody looks back, in an order in which they can be applied.
 */
import { TextHistory } from '../text/history.ts';
import type { TextOp } from '../text/messages.ts';
import type { Text } from '../text/text.ts';
import { TextVersions } from '../text/versions.ts';
import type { Document } from './document.ts';
import { textKind } from './kinds.ts';
import type { ContainerId } from './messages.ts';

/** `undefined` when the document has not kept all of its history. */
export function textVersionsOf(document: Document, id: ContainerId, text: Text): TextVersions | undefined {
  const batches = document.history?.complete === true ? document.batchesSince(new Map()) : undefined;
  if (batches === undefined) return undefined;
  const history = new TextHistory();
  for (const { entries } of batches)
    for (const entry of entries)
      if (entry.type === 'edit' && entry.container.kind === textKind.code && isSame(entry.container, id))
        history.append(entry.ops as readonly TextOp[]);
  return new TextVersions(
    text,
    history,
    (replicaId, counter) => counter <= (document.version.get(replicaId) ?? 0),
  );
}

/** Do both lead to one place? */
function isSame(a: ContainerId | undefined, b: ContainerId | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.key === b.key && a.kind === b.kind && isSame(a.parent, b.parent);
}
