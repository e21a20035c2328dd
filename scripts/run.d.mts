/** Types for `run.mjs`, for the TypeScript that imports it. */
export const ROOT: string;
export const SERVER_ARGS: readonly string[];
