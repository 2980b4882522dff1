// Generated from src/page/watch.ts by deno task gen; not to be edited.

/** A script for browsers. */
export const watchScript: string = "(()=>{})();";
