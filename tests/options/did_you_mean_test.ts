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
