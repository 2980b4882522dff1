/**
 * The peers' Python: a virtual environment with the pinned packages, made on first use.
 *
 * @module
 */
import { resolve } from "node:path";

const root = new URL("../../../", import.meta.url);
const VENV = "MSCV_VENV"; // environment variable: another folder, so that several checkouts share one
const folder = Deno.env.get(VENV) // .venv is not among the tests: `deno check tests` would read the packages' scripts
  ? new URL(`file://${resolve(Deno.env.get(VENV)!)}/`)
  : new URL(".venv/", root);
const [requirements, constraints] = ["requirements.txt", "constraints.txt"].map((name) =>
  new URL(name, import.meta.url)
);
const installed = new URL("mscv_requirements.txt", folder); // copy of what is installed, written when all of it is
const python = new URL(Deno.build.os === "windows" ? "Scripts/python.exe" : "bin/python", folder).pathname;
const LEAST = [3, 11];

/** What keeps the peers from running. */
export class PythonMissing extends Error {}

const run = async (command: string, args: ReadonlyArray<string>, output: "inherit" | "piped") => {
  const child = new Deno.Command(command, { args: [...args], stdout: output, stderr: output });
  try {
    if (output === "inherit") return { code: (await child.spawn().status).code, text: "" };
    const { code, stdout } = await child.output();
    return { code, text: new TextDecoder().decode(stdout) };
  } catch {
    return { code: 127, text: "" }; // there is no such command
  }
};

const recentEnough = (version: string): boolean => {
  const [major, minor] = version.split(".").map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
};

/** () ⇒ a Python of the system that is recent enough. */
const findPython = async (): Promise<string> => {
  const wish = Deno.env.get("PYTHON"), found: string[] = [];
  for (const command of wish === undefined ? ["python3", "python"] : [wish]) {
    const { code, text } = await run(command, ["-c", "import platform; print(platform.python_version())"], "piped");
    if (code === 0 && recentEnough(text)) return command;
    found.push(`${command} is ${code === 0 ? text.trim() : "missing"}`);
  }
  throw new PythonMissing(
    `Cannot run the peers as Python must be ${LEAST.join(".")} or newer: ${
      found.join(", ")
    } (PYTHON=path names another)`,
  );
};

/** () ⇒ a Python that may have the packages, without installing any: the virtual environment's, else PYTHON, else python3. */
export const guessPython = (): string => {
  try {
    if (Deno.statSync(python).isFile) return python;
  } catch { // no virtual environment
  }
  return Deno.env.get("PYTHON") ?? "python3";
};

/** () ⇒ path of the virtual environment's Python, after making it where it is missing or out of date. */
export const preparePython = async (): Promise<string> => {
  const wanted = [requirements, constraints].map((file) => Deno.readTextFileSync(file)).join("");
  try {
    if (Deno.readTextFileSync(installed) === wanted) return python;
  } catch { // not there yet
  }
  const system = await findPython();
  console.log(`The peers need Python packages, once: some minutes and, on Linux, 5.5 GB in ${folder.pathname}`);
  console.log("(PyTorch from PyPI brings CUDA's libraries, which stay unused; PIP_EXTRA_INDEX_URL may name an index");
  console.log("with its processor-only build, which pip then prefers.)");
  const made = await run(system, ["-m", "venv", folder.pathname], "inherit");
  if (made.code !== 0) {
    throw new PythonMissing(`Cannot run the peers as "${system} -m venv" must work: it ended with code ${made.code}`);
  }
  const pins = ["-r", requirements.pathname, "-c", constraints.pathname]; // the named packages, and all that they bring
  const install = ["-m", "pip", "install", "--disable-pip-version-check", ...pins];
  console.log(`${python} ${install.join(" ")}`);
  const { code } = await run(python, install, "inherit");
  if (code !== 0) throw new PythonMissing(`Cannot run the peers as pip must install them: it ended with code ${code}`);
  Deno.writeTextFileSync(installed, wanted);
  return python;
};
