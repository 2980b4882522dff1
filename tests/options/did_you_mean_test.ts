import { assertEquals } from "@std/assert";
import { didYouMean, nearest } from "../../src/options/did_you_mean.ts";

const words = ["collect", "store", "fitModel", "fitValue"];

Deno.test("a typo finds its word: dropped, doubled, swapped, other case", () => {
  assertEquals(["colect", "storre", "fitMdoel", "fitvalue"].map((word) => nearest(word, words)), words);
});

Deno.test("a word like none finds none, and is told what is known", () => {
  assertEquals(nearest("trpo", words), null);
  assertEquals(didYouMean("trpo", words), "known are collect, store, fitModel, fitValue");
  assertEquals(didYouMean("stor", words), 'did you mean "store"?');
});

Deno.test("an abbreviation finds its word, where it is that of one alone and long enough to tell", () => {
  const known = ["observationSize", "observationBound", "stateSize", "timeLimit", "max_steps"];
  assertEquals(didYouMean("obsSize", known), 'did you mean "observationSize"?');
  assertEquals(didYouMean("obs_bound", known), 'did you mean "observationBound"?');
  assertEquals(didYouMean("maxStep", known), 'did you mean "max_steps"?');
  const list = `known are ${known.join(", ")}`;
  for (const word of ["obs", "ob", "sizeObs", "o_"]) assertEquals(didYouMean(word, known), list);
  assertEquals(didYouMean("obs", ["observe", "observationSize"]), 'did you mean "observe"?'); // one part as well
  assertEquals(didYouMean("obs", ["observe", "observed"]), "known are observe, observed");
});
