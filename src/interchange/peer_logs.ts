/**
 * Logs of other tools as curves of a report.
 * (file, how it is read) ⇒ (history)
 *
 * @module
 */
import { EventFileInvalid, readEvents } from "./tf_events.ts";

/** One point of a learning curve, in the terms of a run log. */
export interface PeerRecord {
  /** From 1. */
  readonly iteration: number;
  /** Environment steps. */
  readonly steps: number;
  /** Mean return of the episodes since the point before. */
  readonly return: number;
}

/** What is wrong with a file. */
export class PeerLogInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "PeerLogInvalid";
  /** The class name, as shown. */
  override readonly name = "PeerLogInvalid";
}

/** A curve, and the environment that the file names; null: it names none. */
export interface PeerLog {
  readonly environment: string | null;
  readonly history: ReadonlyArray<PeerRecord>;
}

interface Episode {
  readonly earned: number;
  readonly length: number;
}

const episodesOf = (lines: ReadonlyArray<string>): ReadonlyArray<Episode> => {
  const names = lines[0]?.split(",").map((name) => name.trim()) ?? [],
    [r, l] = [names.indexOf("r"), names.indexOf("l")];
  if (r < 0 || l < 0) throw new PeerLogInvalid('its second line must name the columns "r" and "l"');
  return lines.slice(1).map((line, i) => {
    const cells = line.split(","),
      [earned, length] = [cells[r], cells[l]].map((cell) => cell?.trim() ? Number(cell) : NaN);
    if (Number.isFinite(earned) && Number.isInteger(length) && length > 0) return { earned, length };
    throw new PeerLogInvalid(
      `line ${i + 3} must hold the return and the length of an episode: it holds ${line.slice(0, 80)}`,
    );
  });
};

/**
 * (text of a `monitor.csv` of Stable-Baselines3, steps between two points) ⇒ the mean return of the episodes that ended since
 * the point before. A last line that is cut off is left out. Throws PeerLogInvalid.
 */
export const readMonitor = (text: string, every: number): PeerLog => {
  const [head, ...all] = text.split("\n"),
    lines = (text.endsWith("\n") ? all : all.slice(0, -1)).filter((line) => line !== "");
  let environment: string | null = null;
  try {
    const { env_id: id } = JSON.parse(head.replace(/^#/, "")) as { readonly env_id?: unknown };
    environment = typeof id === "string" && id !== "None" ? id : null;
  } catch {
    throw new PeerLogInvalid('its first line must be "#" and JSON');
  }
  const history: PeerRecord[] = [];
  let steps = 0, sum = 0, count = 0;
  for (const { earned, length } of episodesOf(lines)) {
    steps += length;
    sum += earned;
    count++;
    if (Math.floor(steps / every) === Math.floor((steps - length) / every)) continue;
    history.push({ iteration: history.length + 1, steps, return: sum / count });
    sum = count = 0;
  }
  return { environment, history };
};

/** (TensorBoard file, tag of the return) ⇒ its curve. Throws PeerLogInvalid. */
export const readCurve = (file: Uint8Array, tag: string): PeerLog => {
  try {
    const events = readEvents(file), points = events.filter(({ scalars }) => Object.hasOwn(scalars, tag));
    if (points.length === 0) {
      const tags = [...new Set(events.flatMap(({ scalars }) => Object.keys(scalars)))];
      throw new PeerLogInvalid(`it has no scalar "${tag}": it has ${tags.slice(0, 20).join(", ") || "none"}`);
    }
    const history = points.map(({ step, scalars }, i) => ({ iteration: i + 1, steps: step, return: scalars[tag] }));
    return { environment: null, history };
  } catch (error) {
    if (error instanceof EventFileInvalid) throw new PeerLogInvalid(error.message);
    throw error;
  }
};
