/**
 * Processes that hold a lock, or contend for one.
 *
 * @module
 */

const child = new URL("./lock_child.ts", import.meta.url).pathname;

/** A process that was asked to hold a lock. */
export interface Holder {
  readonly pid: number;
  /** "held", or "busy" with whoever has it. */
  readonly said: string;
  /** Halts it, so that it can touch nothing. */
  readonly stop: () => void;
  /** Ends it: by its own will, or by kill -9. */
  readonly end: (how: "asked" | "killed") => Promise<void>;
}

const firstLine = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const part = decoder.decode(bytes, { stream: true });
    text += part;
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0];
};

/** (folder, permissions, words before) ⇒ a process that has said whether it has the lock. */
export const startHolder = async (
  folder: string,
  permissions: ReadonlyArray<string> = ["--allow-all"],
  before: ReadonlyArray<string> = [],
): Promise<Holder> => {
  const words = [...before, Deno.execPath(), "run", "--no-check", "--no-prompt", ...permissions, child, "hold", folder];
  const process = new Deno.Command(words[0], { args: words.slice(1), stdin: "piped", stdout: "piped" }).spawn();
  const said = await firstLine(process.stdout);
  return {
    pid: process.pid,
    said,
    stop: () => process.kill("SIGSTOP"),
    end: async (how) => {
      if (how === "killed") process.kill("SIGKILL");
      await process.stdin.close().catch(() => {}); // it has ended already
      await process.status;
    },
  };
};

/** (folder, log, name, times) ⇒ a process that has the lock so many times. */
export const startContender = (folder: string, log: string, name: string, times: number): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", child, "contend", folder, log, name, String(times)],
  }).spawn();

/** (lines, each by who had the lock) ⇒ those that come after another has had it meanwhile. */
export const intrusions = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const over = new Set<string>();
  return lines.filter((line, i) => {
    if (i > 0 && lines[i - 1] !== line) over.add(lines[i - 1]);
    return over.has(line);
  });
};

/** Words that run a command in a PID namespace of its own, where only its own processes can be seen. */
export const inOwnSpace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** Whether this process may make such namespaces. */
export const canUnshare = ((): boolean => {
  try {
    return new Deno.Command(inOwnSpace[0], { args: [...inOwnSpace.slice(1), "true"], stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
})();
