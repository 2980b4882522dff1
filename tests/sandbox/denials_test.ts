import { assertEquals } from "@std/assert";
import { explainDenials } from "../../src/sandbox/denials.ts";

const denied = (kind: string, value: string) =>
  `NotCapable: Requires ${kind} access to "${value}", run again with the --allow-${kind} flag`;

Deno.test("what is forbidden once is told with the flag that allows it", () => {
  const flag = "--allow-read=/data/a";
  assertEquals(
    explainDenials(`Cannot read: ${denied("read", "/data/a")}`),
    "Cannot read: NotCapable: the sandbox forbids read access to /data/a; allow it by " +
      `MSCV_ALLOW="${flag}" before deno task, or by ${flag} among the flags of deno run`,
  );
  assertEquals(explainDenials("Cannot read as it must be there"), "Cannot read as it must be there");
});

Deno.test("what is forbidden in several places is told in each, and allowed by one sentence behind the last", () => {
  // of a module that others lie beside, its folder; each folder once, and one flag for each kind of access
  const modules = ["/mine/a.ts", "/mine/b.ts", "/yours/c.ts"].map((path) => denied("read", path));
  const flags = "--allow-read=/mine,/yours --allow-net=db.example:5432";
  assertEquals(
    explainDenials([...modules, denied("net", "db.example:5432")].join("\n")),
    [
      "NotCapable: the sandbox forbids read access to /mine",
      "NotCapable: the sandbox forbids read access to /mine",
      "NotCapable: the sandbox forbids read access to /yours",
      `NotCapable: the sandbox forbids net access to db.example:5432; allow it by MSCV_ALLOW="${flags}" before deno task, ` +
      `or by ${flags} among the flags of deno run`,
    ].join("\n"),
  );
});
