/** Types for `apt.mjs`, for the TypeScript that imports it. */
export function installWithApt(name: string): string | undefined;
