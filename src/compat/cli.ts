/**
 * The part of `@std/cli` that this project uses: deno.json maps `@std/cli` here because a plain npm machine cannot reach
 * that package's registry. Same names, signatures and behaviour as the original.
 *
 * @module
 */
export * from "./parse_args.ts";
export * from "./unicode_width.ts";
