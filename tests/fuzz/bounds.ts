/**
 * One input held against its bounds.
 *
 * @module
 */
import { Broken, type Subject } from "./subject.ts";

/** Bounds of every input: a second, and 200 MB. */
const most = { milliseconds: 1000, bytes: 200e6 };

/** What one input did. */
export interface Ran {
  readonly outcome: string;
  readonly milliseconds: number;
}

/**
 * (subject, input) ⇒ (ran). Throws where the promise is broken; `slack` is for a machine that does other things, too.
 */
export const runWithinBounds = async (
  { run }: Subject,
  input: Uint8Array<ArrayBuffer>,
  slack = 1,
): Promise<Ran> => {
  const before = Deno.memoryUsage(), start = performance.now();
  const outcome = await run(input);
  const milliseconds = performance.now() - start, after = Deno.memoryUsage();
  const grown = Math.max(after.rss - before.rss, after.heapUsed + after.external - before.heapUsed - before.external);
  if (milliseconds > slack * most.milliseconds) throw new Broken(`slow: ${Math.round(milliseconds)} ms`);
  if (grown > most.bytes) throw new Broken(`large: ${Math.round(grown / 1e6)} MB`);
  return { outcome, milliseconds };
};
