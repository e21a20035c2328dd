/** Types for `build-crdt.mjs`, for the TypeScript that imports it. */
export function buildCrdt(): Promise<{ ok: boolean; output: string; seconds: number }>;
