/** The engine of boards, polls and catalogues: a chunk that comes while keys and disk are read. */
import type * as Engine from '../../replica/document-engine.ts';

export function loadDocumentEngine(): Promise<typeof Engine> {
  return import('../../replica/document-engine.ts');
}
