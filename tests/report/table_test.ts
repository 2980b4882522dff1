import { assertEquals } from "@std/assert";
import { columns, padded, printTable, widest } from "../../src/report/table.ts";

Deno.test("columns stand under each other by what a terminal shows: wide characters take two columns, accents none", () => {
  const table = {
    title: "Returns",
    note: "",
    columns: columns("task", ">return"),
    rows: [["ホッパー", "1"], ["e\u0301te\u0301", "−23"]], // widths 8 and 3
  };
  assertEquals(
    printTable(table),
    [
      "Returns",
      "",
      "  task      return", // "task" takes 4 of 8
      `  ${"─".repeat(8)}──${"─".repeat(6)}`,
      "  ホッパー       1",
      "  e\u0301te\u0301          −23", // 5 spaces fill up the name, 2 part, 3 stand before the number
    ].join("\n"),
  );
});

Deno.test("a text wider than its column stays whole", () => {
  assertEquals(padded("天地", 3, "right"), "天地");
  assertEquals([padded("天", 3, "left"), padded("天", 3, "right")], ["天 ", " 天"]);
  assertEquals([widest([]), widest(["a", "天地"])], [0, 4]);
});
