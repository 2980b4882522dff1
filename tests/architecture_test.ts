/**
 * The house and its rooms: which folder of `src` may import which, and how files are named and sized.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import configuration from "../deno.json" with { type: "json" };
import { circlesOf, type Edge, edgesOf, read, walk } from "./module_graph.ts";

/** What a room may import: a room, a room's types alone, or one of its files. Every room may import itself. */
const table: Readonly<Record<string, ReadonlyArray<string>>> = {
  math: [],
  options: [], // schemas of options and words about keys, so that estimators own theirs without Effect
  parallel: [], // threads, and jobs that they share
  physics: ["math"],
  scene: ["physics", "math"],
  mujoco: ["physics", "math"],
  tasks: ["mujoco", "scene", "physics", "options", "math"],
  data: ["math"],
  nn: ["data", "math", "parallel"],
  imagination: [
    "nn",
    "data",
    "options",
    "math",
    "parallel",
    "types of tasks",
    "tasks/advance.ts",
    "tasks/reference.ts",
    "tasks/thrown.ts",
  ],
  estimators: ["imagination", "nn", "data", "options", "math", "types of tasks"],
  rollout: ["tasks", "physics", "data", "math", "parallel", "nn/inference"],
  stages: [
    ...["rollout", "estimators", "imagination", "nn", "data", "options", "math", "parallel"],
    ...["types of tasks", "tasks/survival.ts", "tasks/simulator_invalid.ts"],
  ],
  program: ["stages", "data", "math", "types of tasks", "tasks/thrown.ts"],
  config: ["program", "stages", "estimators", "tasks", "mujoco", "options", "math"],
  files: [],
  sandbox: ["files", "config", "nn/kernels/blas_paths.ts"],
  episode: ["rollout", "tasks", "scene", "data", "options", "math", "nn/inference"],
  page: ["episode", "rollout", "tasks", "scene", "data", "options", "math"], // what runs in a browser, and the pages that hold it
  run: [
    ...["sandbox", "files", "config", "program", "stages", "rollout", "tasks", "data", "math"],
    ...["types of nn", "types of estimators", "types of episode"],
  ],
  report: ["scene", "data", "math"],
  render: ["report", "episode", "scene", "math"],
  laboratory: [
    ...["run", "files", "config", "program", "stages", "rollout", "estimators", "imagination", "nn", "tasks"],
    ...["report", "data", "options", "math"],
  ],
  interchange: ["run", "files", "nn/networks/normalized_range.ts", "data", "math"],
  sweep: ["run", "sandbox", "files", "config", "program", "report", "options", "math", "nn/kernels"],
  watch: [
    "sweep",
    "run",
    "report",
    "page",
    "sandbox",
    "files",
    "config",
    "rollout",
    "tasks",
    "math",
    "types of episode",
  ],
  cli: ["*"],
  doors: ["*"],
  compat: [],
};

const mayUse: Readonly<Record<string, ReadonlyArray<string>>> = {
  tensors: ["nn", "imagination", "estimators"],
  effect: [
    ...[
      "options",
      "rollout",
      "stages",
      "program",
      "config",
      "files",
      "sandbox",
      "run",
      "sweep",
      "report",
      "laboratory",
      "watch",
      "cli",
    ],
  ],
};

const largestFile = 300; // lines, outside `generated`

const roomOf = (path: string): string => path.split("/")[0];

const forbiddenLocal = ({ from, to, types }: Edge): boolean => {
  if (to === "../deno.json") return false; // the version
  const [here, there] = [roomOf(from), roomOf(to)], allowed = table[here] ?? [];
  const within = [there, to, to.split("/").slice(0, 2).join("/")]; // a room, a file, a room within a room
  if (here === there || (allowed.includes("*") && there !== "..") || within.some((each) => allowed.includes(each))) {
    return false;
  }
  return !(types && allowed.includes(`types of ${there}`));
};

const forbiddenPackage = ({ from, to }: Edge): boolean => {
  const room = roomOf(from);
  if (to.startsWith("@tensorflow/")) return !mayUse.tensors.includes(room);
  return (to === "effect" || /^(effect|@effect)\//.test(to)) && !mayUse.effect.includes(room);
};

/** (edges) ⇒ the forbidden ones, as lines. */
const forbidden = (edges: ReadonlyArray<Edge>): string[] =>
  edges.filter((edge) => (edge.kind === "local" ? forbiddenLocal(edge) : forbiddenPackage(edge)))
    .map(({ from, to, types }) => `${from} imports ${types ? "types of " : ""}${to}`);

const sources = walk("src/").filter((path) => path.endsWith(".ts"));

Deno.test("rooms import only what lies below them; no Effect below rollout, no tensors above estimators", () => {
  const edges = sources.flatMap((path) => edgesOf(path.slice("src/".length), read(path)));
  assertEquals(forbidden(edges), []);
});

Deno.test("src/README.md has every room, below all that it may import", () => {
  const rooms = Array.from(read("src/README.md").matchAll(/^\| \[?`(\w+)`/gm), ([, room]) => room);
  assertEquals(rooms.toSorted(), Object.keys(table).toSorted());
  const above = rooms.map((room, i) => [room, rooms.slice(0, i)] as const);
  const named = (entry: string) => entry.replace(/^types of /, "").split("/")[0];
  assertEquals(
    above.flatMap(([room, earlier]) =>
      table[room].map(named).filter((other) => other !== "*" && !earlier.includes(other)).map((other) =>
        `${other} is not above ${room}`
      )
    ),
    [],
  );
});

Deno.test("no circle among modules, but of types", () => {
  const edges = sources.flatMap((path) => edgesOf(path.slice("src/".length), read(path)));
  assertEquals(circlesOf(edges), []);
  const caught = ["a.ts b.ts", "b.ts c.ts", "c.ts b.ts", "c.ts d.ts", "d.ts d.ts"].map((line): Edge => {
    const [from, to] = line.split(" ");
    return { from, to, kind: "local", types: false };
  });
  assertEquals(circlesOf(caught), [["b.ts", "c.ts"], ["d.ts"]]);
  assertEquals(circlesOf(caught.map((edge) => ({ ...edge, types: true }))), []);
});

/** (entries, edges) ⇒ modules that they reach, by local imports and by names that deno.json maps. */
const reachable = (entries: ReadonlyArray<string>, edges: ReadonlyArray<Edge>): ReadonlySet<string> => {
  const imports: Readonly<Record<string, string>> = configuration.imports;
  const found = new Set(entries);
  for (const module of found) { // grows while it is gone through
    for (const { from, to } of edges) if (from === module) found.add((imports[to] ?? to).replace("./src/", ""));
  }
  return found;
};

Deno.test("what only tests and scripts use is not published", () => {
  const edges = ["mod.ts", ...sources].flatMap((path) =>
    edgesOf(path.replace(/^src\//, ""), read(path).replaceAll('"./src/', '"./'))
  );
  const entries = [...Object.values(configuration.exports), "./src/cli/main.ts"];
  const needed = reachable(entries.map((path) => path.replace(/^\.\/(src\/)?/, "")), edges);
  const { exclude } = configuration.publish; // files, and folders with all that is in them
  const published = sources.filter((path) => !exclude.some((each) => path === each || path.startsWith(`${each}/`)));
  assertEquals(published.filter((path) => !needed.has(path.slice("src/".length))), []);
});

Deno.test("every room of src has a line in the table", () => {
  const rooms = walk("src/").filter((path) => /^src\/[^/]+\/$/.test(path)).map((path) => path.slice(4, -1));
  assertEquals(rooms.filter((room) => !(room in table)), []);
});

Deno.test("files stay within 300 lines", () => {
  const paths = [...sources, ...walk("tests/").filter((path) => path.endsWith(".ts"))];
  const long = paths.filter((path) => !path.includes("/generated/") && read(path).split("\n").length - 1 > largestFile);
  assertEquals(long, []);
});

/** Clocks that may be set back and forth; `new Date` alone is for telling people the time, or for a touch. */
const settable = /\bDate\.now\b|\bcurrentTime(Millis|Nanos)\b|\.getTime\(|\bSchedule\.(fixed|windowed|cron)\b/;

Deno.test("durations are measured by clocks that never go back", () => {
  const made = "src/sweep/steady_clock.ts"; // makes one that never goes back from one that may
  const written = sources.filter((path) => !path.includes("/generated/")); // bundles hold libraries' clocks
  assertEquals(written.filter((path) => settable.test(read(path))), [made]);
  const caught = ["const t = Date.now();", "yield* Clock.currentTimeMillis", "new Date().getTime()"];
  assertEquals(caught.filter((line) => settable.test(line)), caught);
});

/** What runs are opened with; who else calls it opens a run in a way of its own. */
const opening = /\b(readLatestCheckpoint|readCheckpoint|readWhich|openRunFolder|expectedOf|expectedToGoOn|taskOf)\(/;
const resolving = /\bresolvePipeline\(/;

Deno.test("runs are opened by one room, and pipelines resolved by it, by config and to be checked alone", () => {
  const callers = (of: RegExp) => sources.filter((path) => of.test(read(path)) && !/^src\/(run|config)\//.test(path));
  assertEquals([callers(opening), callers(resolving)], [[], ["src/cli/check_command.ts", "src/doors/config.ts"]]); // the latter in its example
  const caught = ["const task = taskOf(pipeline, catalog);", "yield* readLatestCheckpoint(folder, expected)"];
  assertEquals(caught.filter((line) => opening.test(line)), caught);
});

/** Imports that Deno follows before the program starts; types and packages are none of them. */
const followed = /(?<!\btypeof )\bimport\(\s*"\./;
/** A module that is loaded when it is needed, by its type and its address. */
const loaded = /loadModule<typeof import\("([^"]+)"\)>\(\s*import\.meta\.resolve\("([^"]+)"\)/g;

Deno.test("what commands load when they need it is not read before, and has the type of the module at its address", () => {
  const written = sources.filter((path) => !path.includes("/generated/"));
  const code = (path: string) => read(path).replace(/\/\*[^]*?\*\//g, "");
  assertEquals(written.filter((path) => followed.test(code(path))), []);
  const pairs = written.flatMap((path) => [...code(path).matchAll(loaded)].map(([, type, at]) => ({ path, type, at })));
  assertEquals(pairs.filter(({ type, at }) => type !== at), []);
  const calls = written.flatMap((path) => [...code(path).matchAll(/loadModule</g)].map(() => path));
  assertEquals(pairs.map(({ path }) => path), calls.filter((path) => path !== "src/files/load_module.ts"));
  const caught = ['await import("./a.ts")', 'Promise.all([import(\n"../a.ts")])'];
  assertEquals(caught.filter((line) => followed.test(line)), caught);
  assertEquals(followed.test('type A = typeof import("./a.ts");'), false);
});

Deno.test("temporary folders of tests go with them", () => {
  const making = /\b(makeTemp(Dir|File)|mkdtemp)/, removed = ["tests/temporary.ts", "tests/sweep/postgres_server.ts"];
  const makers = walk("tests/").filter((path) => path.endsWith(".ts") && making.test(read(path)));
  assertEquals(makers.filter((path) => path !== "tests/architecture_test.ts"), removed.toSorted());
});

const vague = /(^|[/_-])(utils?|helpers?|common|misc|managers?)([/._-]|$)/i;

Deno.test("nothing is called utils, helpers, common, misc or manager", () => {
  assertEquals([...walk("src/"), ...walk("tests/")].filter((path) => vague.test(path)), []);
  const caught = ["src/utils/a.ts", "src/nn/helpers.ts", "tests/rollout/worker_manager.ts", "src/misc/"];
  assertEquals(caught.filter((path) => vague.test(path)), caught);
  assertEquals(["src/options/options.ts", "src/nn/commonality.ts"].filter((path) => vague.test(path)), []);
});

Deno.test("the check sees every way of importing, and tells types from values", () => {
  const found = (from: string, source: string) => forbidden(edgesOf(from, source));
  assertEquals(found("math/a.ts", 'import { x } from "../data/batch.ts";'), ["math/a.ts imports data/batch.ts"]);
  assertEquals(found("physics/a/b.ts", 'export * from "../../tasks/task.ts";'), [
    "physics/a/b.ts imports tasks/task.ts",
  ]);
  assertEquals(found("data/a.ts", 'const x = await import("../nn/mlp.ts");'), ["data/a.ts imports nn/mlp.ts"]);
  assertEquals(found("data/a.ts", 'import "../nn/mlp.ts";'), ["data/a.ts imports nn/mlp.ts"]);
  assertEquals(found("data/a.ts", 'import {\n  type X,\n  y,\n} from "../nn/mlp.ts";'), [
    "data/a.ts imports nn/mlp.ts",
  ]);
  assertEquals(found("cli/a.ts", 'import { x } from "../../tests/nn/reference.ts";').length, 1);
  assertEquals(found("stages/a.ts", 'import { type Task } from "../tasks/task.ts";'), []);
  assertEquals(found("stages/a.ts", 'import type { Task } from "../tasks/task.ts";'), []);
  assertEquals(found("stages/a.ts", 'import { getTask, type Task } from "../tasks/task.ts";').length, 1);
  assertEquals(found("rollout/a.ts", 'import { f } from "../nn/inference/inference.ts";'), []);
  assertEquals(found("rollout/a.ts", 'import { f } from "../nn/policy.ts";').length, 1);
  assertEquals(found("nn/a.ts", 'import * as Effect from "effect/Effect";'), ["nn/a.ts imports effect/Effect"]);
  assertEquals(found("stages/a.ts", 'import tf from "@tensorflow/tfjs";'), ["stages/a.ts imports @tensorflow/tfjs"]);
  assertEquals(found("nn/kernels/a.ts", 'import tf from "@tensorflow/tfjs";'), []);
  assertEquals(
    found("math/a.ts", '/** @example\n * import { x } from "../nn/mlp.ts";\n */\n// import "../nn/mlp.ts";'),
    [],
  );
});
