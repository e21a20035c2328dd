/** Who a replica is, and the ports it is handed: time, hashing; never chance, never I/O. */
import type { ReplicaId } from '../base/ids.ts';
import type { Clock, Crypto } from '../base/ports.ts';
import type { SpaceKeys } from '../base/space-keys.ts';
import type { DocumentEngine } from './document-engine.ts';

export interface ReplicaConfig {
  readonly keys: SpaceKeys;
  readonly replicaId: ReplicaId;
  readonly incarnation: number;
  readonly slot: number;
  /** Public halves, 32 bytes each. The private ones stay with whoever answers `sign`. */
  readonly device: { readonly deviceKey: Uint8Array; readonly sealingKey: Uint8Array };
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly documents: DocumentEngine;
  /** Trace events are built only when somebody listens. */
  readonly traced?: boolean;
}
