/** A sentence when this Node is too old, or undefined. */
export function nodeTooOld(version?: string): string | undefined;
/** Rejects with a sentence when Node is too old or the installation fails. */
export function ensureInstalled(): Promise<void>;
/** Whether `root`/node_modules holds what `root`/package-lock.json asks for. */
export function isInstalled(root: string): boolean;
