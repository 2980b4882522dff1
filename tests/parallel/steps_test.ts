/** Steps of a loop that two threads do: each part is done once, by the other thread or here. */
import { assert, assertEquals } from "@std/assert";
import { alone } from "../../src/parallel/threads.ts";
import { assistantOver, freshSteps, stepsTaken } from "../../src/parallel/steps.ts";
import { openWebThreads } from "../../src/parallel/web_threads.ts";
import { type Loop, stepSquares } from "./jobs.ts";

const shared = (): Loop => ({
  numbers: new Float64Array(new SharedArrayBuffer(16)),
  entered: new Int32Array(new SharedArrayBuffer(4)),
});

/** (loop, number) ⇒ begins a step of it, whose part the other thread has entered. */
const beginEntered = (assistant: { begin: () => void }, { numbers, entered }: Loop, number: number): void => {
  Atomics.store(entered!, 0, 0);
  numbers[0] = number;
  assistant.begin();
  Atomics.wait(entered!, 0, 0);
};

Deno.test("a part that the other thread has entered is waited for; one that it cannot do is left to this one", async () => {
  const threads = await openWebThreads(2);
  try {
    const loop = shared(), assistant = threads.assist(stepSquares, loop)!;
    for (const number of [3, 5, 7]) {
      beginEntered(assistant, loop, number);
      assertEquals([assistant.finish(), loop.numbers[1]], [true, number ** 2]);
    }
    beginEntered(assistant, loop, -1);
    assertEquals(assistant.finish(), false);
    loop.numbers[0] = 2;
    assistant.begin(); // it has left the loop
    assertEquals([assistant.finish(), loop.numbers[1]], [false, 49]);
    assistant.end();
    const again = shared(), other = threads.assist(stepSquares, again)!; // and is there for another one
    beginEntered(other, again, 4);
    assertEquals([other.finish(), again.numbers[1]], [true, 16]);
    other.end();
    assertEquals(await threads.aside(stepSquares, again, 1), null);
  } finally {
    threads.close();
  }
});

Deno.test("a step that nobody has taken is done here; the other thread goes on with the one that has begun last", () => {
  assertEquals(alone.assist(stepSquares, shared()), null);
  const memory = freshSteps(), here = assistantOver(memory, Infinity), there = stepsTaken(memory);
  here.begin();
  assertEquals(here.finish(), false); // step 1
  here.begin(); // step 2
  assertEquals(there.next(), { value: 2, done: false });
  here.end();
  assert(there.next().done);
  assertEquals(here.finish(), true);
});

Deno.test("a part that is given up is marked so", () => {
  const memory = freshSteps(), here = assistantOver(memory, Infinity), there = stepsTaken(memory);
  here.begin();
  there.next();
  there.return(undefined);
  assertEquals(here.finish(), false);
});

Deno.test("a thread that never comes back is waited for once, and left out from then on", () => {
  const memory = freshSteps(), here = assistantOver(memory, 20), there = stepsTaken(memory);
  here.begin();
  there.next(); // and no word more
  assertEquals(here.finish(), false);
  here.begin();
  here.begin();
  assertEquals(here.finish(), false);
  assertEquals(memory[0], 1); // it is told of no further step
});
