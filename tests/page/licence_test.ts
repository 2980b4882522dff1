import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { noticeOf } from "../../src/page/bundle.ts";
import { agentScript } from "../../src/page/generated/agent.ts";
import { chartStyle } from "../../src/page/generated/chart_style.ts";
import { watchScript } from "../../src/page/generated/watch.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.test("what the pages hold of other packages carries their licences", () => {
  const named = (script: string) => [...script.matchAll(/^\/\*! (\S+) \S+, MIT$/gm)].map(([, name]) => name);
  assertEquals(named(watchScript).filter((name) => ["uplot", "pure-rand"].includes(name)), ["pure-rand", "uplot"]);
  assertEquals(named(agentScript).includes("pure-rand"), true);
  assertEquals(named(chartStyle), ["uplot"]);
  for (const script of [watchScript, agentScript, chartStyle]) {
    const granted = [...script.matchAll(/Permission is hereby granted, free of charge/g)];
    assertEquals(granted.length, named(script).length); // the text of each, not its name alone
    assertMatch(script, /THE SOFTWARE IS PROVIDED "AS IS"/);
  }
});

Deno.test("a licence cannot end its comment, and a package without one cannot be bundled", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "package.json"), '{ "name": "a", "version": "1.2.3", "license": "MIT" }');
  assertThrows(() => noticeOf(folder), Error, "Cannot bundle a as its licence must be there");
  writeFileSync(join(folder, "LICENSE.md"), "Free */ alert(1) /*\n");
  assertEquals(noticeOf(folder), "/*! a 1.2.3, MIT\n\nFree * / alert(1) /*\n*/\n");
});
