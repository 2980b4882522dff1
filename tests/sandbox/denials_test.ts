import { assertEquals, assertStringIncludes } from "@std/assert";
import { resolve } from "node:path";
import { RunFolderUnwritable } from "../../src/files/errors.ts";
import { explainDenials } from "../../src/sandbox/denials.ts";
import { asTyped, installedMark, typedAs, withoutMark } from "../../src/sandbox/typed.ts";

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

Deno.test("of a file that others lie beside the folder is allowed, however the file was named", () => {
  const told: ReadonlyArray<readonly [path: string, folder: string]> = [
    ["../mine/carts.yaml", "../mine"],
    ["/mine/carts.yaml", "/mine"],
    ["/mine/study", "/mine/study"],
  ];
  for (const [path, folder] of told) {
    assertStringIncludes(
      explainDenials(denied("read", path)),
      `read access to ${folder}; allow it by MSCV_ALLOW="--allow-read=${folder}" `,
    );
  }
});

Deno.test("a file that may not be written is told as such, and the folder is allowed that it is written whole in", () => {
  const id = crypto.randomUUID();
  const told: ReadonlyArray<readonly [temporary: string, folder: string]> = [
    [`.tmp-${id}`, "."],
    [`../out/.tmp-${id}`, "../out"],
    [`/.tmp-${id}`, "/"],
    [`/runs/.tmp-run-${id}/.tmp-lock-${id}`, "/runs"],
  ];
  for (const [temporary, folder] of told) {
    const { message } = new RunFolderUnwritable({ path: "a.json", reason: denied("write", temporary) });
    assertEquals(
      explainDenials(message),
      `Cannot write a.json as that must be allowed: NotCapable: the sandbox forbids write access to ${folder}; allow it by ` +
        `MSCV_ALLOW="--allow-write=${folder}" before deno task, or by --allow-write=${folder} among the flags of deno run`,
    );
  }
  const full = new RunFolderUnwritable({ path: "a.json", reason: "ENOSPC" });
  assertEquals(full.message, "Cannot write a.json as it must be on a writable disk with free space: ENOSPC");
});

Deno.test("what the installed command may not do is allowed when it is installed; a program's own, by its flags", () => {
  const write = denied("write", "/out"), read = denied("read", "/mine/a.ts"), here = resolve(".");
  const told = (text: string) => explainDenials(text).split("; ")[1];
  try {
    assertEquals(withoutMark([installedMark, "train", "--dry"]), ["train", "--dry"]);
    assertEquals(
      told(write),
      `write below runs or pipelines, or allow it by MSCV_ALLOW="--allow-write=/out" deno task install in ${here}`,
    );
    assertEquals(told(read), `allow it by MSCV_ALLOW="--allow-read=/mine" deno task install in ${here}`);
    assertEquals(asTyped("deno task train, deno task install in /a"), "mscv train, deno task install in /a");
    typedAs("deno run … own.ts");
    assertEquals(told(write), "allow it by --allow-write=/out among the flags of deno run");
  } finally {
    typedAs("deno task");
  }
});
