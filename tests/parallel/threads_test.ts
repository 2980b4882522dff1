/** Threads share pieces: the same outputs in the same order, whoever does them, and errors where they are asked for. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { alone, threads, withThreads } from "../../src/parallel/threads.ts";
import { openWebThreads, type WebThreads } from "../../src/parallel/web_threads.ts";
import type { Job } from "../../src/parallel/job.ts";
import {
  type Factors,
  lost,
  misnamed,
  othersOf,
  type Product,
  products,
  type Scale,
  scaleBy,
  scaled,
  stepSquares,
  troubled,
} from "./jobs.ts";

const base = Float64Array.of(7);
const free: Factors = { base, begun: null };
const pieces = [3, 1, 4, 1, 5, 9, 2, 6];
const expected = [21, 7, 28, 7, 35, 63, 14, 42];

const within = async (count: number, visit: (threads: WebThreads) => void | Promise<void>): Promise<void> => {
  const opened = await openWebThreads(count);
  try {
    await visit(opened);
  } finally {
    opened.close();
  }
};

Deno.test("outputs stand in the order of the pieces, for any number of threads", async () => {
  assertEquals(alone.each(products, free, pieces).map(({ product }) => product), expected);
  for (const count of [2, 3]) {
    await within(count, (shared) => {
      assertEquals(shared.count, count);
      assertEquals(shared.each(products, free, pieces).map(({ product }) => product), expected);
      assertEquals(shared.each(products, free, []), []);
      assertEquals(shared.each(products, free, [2]), [{ product: 14, elsewhere: false }]);
      const others = othersOf(shared).each(products, free, pieces);
      assertEquals(others, expected.map((product) => ({ product, elsewhere: true })));
    });
  }
});

Deno.test("two threads work at the same time: each of two pieces waits until the other has begun", () =>
  within(2, (shared) => {
    for (let i = 0; i < 3; i++) {
      const begun = new Int32Array(new SharedArrayBuffer(4)), found = shared.each(products, { base, begun }, [1, 2]);
      assertEquals(found.map(({ product }) => product), [7, 14]);
      assertEquals(found.map((each) => each.elsewhere).sort(), [false, true]);
    }
  }));

Deno.test("what a piece throws is thrown here in its own type, and the threads go on", () =>
  within(2, (shared) => {
    for (const use of [alone, shared]) {
      assertThrows(() => use.each(products, free, [1, 2, -1, 3, 4]), RangeError, "current value is -1");
      assertEquals(use.each(products, free, pieces).map(({ product }) => product), expected);
    }
    const begun = () => new Int32Array(new SharedArrayBuffer(4)); // one of the two is done there, and then here
    const found = shared.each(products, { base, begun: begun() }, [101, 102]);
    assertEquals(found, [{ product: 707, elsewhere: false }, { product: 714, elsewhere: false }]);
  }));

Deno.test("a piece whose thread never comes back is done here", async () => {
  const opened = await openWebThreads(2, 20);
  try {
    assertEquals(opened.each(lost, new Int32Array(new SharedArrayBuffer(4)), [5, 6]), [5, 6]);
  } finally {
    opened.close();
  }
});

Deno.test("a job is found under its name, or that is said", () =>
  within(2, async (shared) => {
    assertEquals(alone.each(misnamed, free, [1, 2]), [1, 2]);
    const said = await assertRejects(async () => {
      for (;;) { // until the word of the other thread has come
        assertEquals(shared.each(misnamed, free, [1, 2]), [1, 2]);
        await shared.aside(products, free, 1);
        assertEquals(shared.each(products, free, [1, 2]).length, 2); // not where another one is asked for
      }
    }, Error);
    assertStringIncludes(said.message, 'Cannot share "nowhere" as file:');
  }));

Deno.test("a thread that has died is asked for nothing more: another one answers, or that none does is said", async () => {
  for (const count of [2, 3]) {
    await within(count, async (shared) => {
      for (let i = 1; i < count; i++) {
        await assertRejects(
          async () => {
            for (;;) await shared.aside(troubled, null, 1); // one answer may come before its end does
          },
          Error,
          "left behind",
        );
        const left = count - 1 - i, found = shared.aside(products, free, 2);
        if (left > 0) assertEquals(await found, { product: 14, elsewhere: true });
        else await assertRejects(() => found, Error, "left behind");
      }
      assertEquals(shared.each(products, free, pieces).map((each) => each.elsewhere), pieces.map(() => false));
      assertEquals(shared.assist(stepSquares, { numbers: new Float64Array(2), entered: null }), null);
    });
  }
});

Deno.test("aside, another thread answers; where none does, that is said", () =>
  within(3, async (shared) => {
    const asked = [1, 2, 3, 4].map((piece) => shared.aside(products, free, piece));
    assertEquals(await Promise.all(asked), [7, 14, 21, 28].map((product) => ({ product, elsewhere: true })));
    await assertRejects(() => shared.aside(products, free, -1), Error, "current value is -1");
    await assertRejects(() => shared.aside(misnamed, free, 1), Error, 'Cannot share "nowhere"');
    await assertRejects(() => alone.aside(products, free, 1), Error, "there must be 2 threads");
  }));

Deno.test("threads are at hand as long as the work runs, also where it throws", () =>
  within(2, (shared) => {
    assertEquals(threads(), alone);
    assertEquals(withThreads(shared, () => [threads(), withThreads(alone, threads)]), [shared, alone]);
    assertThrows(() => withThreads(shared, () => decodeURIComponent("%")), URIError);
    assertEquals(threads(), alone);
  }));

Deno.test("what does not travel is packed here and unpacked there, however a job is asked for", () =>
  within(3, async (threads) => {
    const scale = scaleBy(7), there = (product: number) => ({ product, elsewhere: true });
    assertEquals(othersOf(threads).each(scaled, scale, [3, 1, 4]), [21, 7, 28].map(there));
    assertEquals(await threads.aside(scaled, scale, 5), there(35));
    assertEquals(await threads.everywhere(scaled as Job<Scale, null, Product>, scale), [there(7), there(7)]);
    assertEquals(alone.each(scaled, scale, [3]), [{ product: 21, elsewhere: false }]);
  }));
