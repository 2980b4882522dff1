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

Deno.test("a table too wide for the terminal folds its widest column, then its rows; nothing is cut", () => {
  const table = {
    title: "Returns of every seed",
    note: "Two lines of words",
    columns: columns("task", ">return", "of each seed"),
    rows: [["hopper", "10", "1, 22, 333, 4444, 55555"]],
  };
  assertEquals(
    printTable(table, 32),
    [
      "Returns of every seed",
      "",
      "  task    return  of each seed", // 2 + 6 + 2 + 6 + 2 leave 14 of 32
      `  ${"─".repeat(6)}──${"─".repeat(6)}──${"─".repeat(14)}`,
      "  hopper      10  1, 22, 333,",
      "                  4444, 55555",
      "",
      "  Two lines of words",
    ].join("\n"),
  );
  assertEquals(
    printTable(table, 24),
    [
      "Returns of every seed",
      "",
      "  task          hopper",
      "  return        10",
      "  of each seed  1, 22,", // 2 + 12 + 2 leave 8
      "                333,",
      "                4444,",
      "                55555",
      "",
      "  Two lines of words",
    ].join("\n"),
  );
});
