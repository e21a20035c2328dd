/** The path of a Chromium, or undefined. */
export function findChromium(): string | undefined;
/** The path of a Chromium, installed first where none is found. */
export function ensureChromium(): string;
/** The flags every launch gets. */
export function launchArgs(): string[];
