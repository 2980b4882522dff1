import { assertEquals } from "@std/assert";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { writeAll } from "../../src/files/durable_file.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.test("a write that stops short goes on until all is written", () => {
  const path = join(temporaryFolder(), "file"), file = openSync(path, "w");
  let calls = 0;
  const three = (to: number, bytes: Uint8Array, from: number) => {
    calls++;
    return writeSync(to, bytes, from, Math.min(3, bytes.length - from));
  };
  writeAll(file, "0123456789", three);
  closeSync(file);
  assertEquals([readFileSync(path, "utf8"), calls], ["0123456789", 4]); // 3 + 3 + 3 + 1 bytes
});
