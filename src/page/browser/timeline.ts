/**
 * The episode that a view shows: what has been, and how it goes on.
 *
 * @module
 */
import type { Frame, Source } from "./source.ts";

/** An episode on a page. */
export interface Timeline {
  /** Frames so far; at least one. */
  readonly frames: ReadonlyArray<Frame>;
  /** Index of the one that is shown. */
  readonly at: () => number;
  /** Undiscounted return of the frames up to the one that is shown. */
  readonly earned: () => number;
  /** (index) ⇒ shows that frame, or the nearest that there is. */
  readonly seek: (index: number) => void;
  /** Shows the next frame, and makes it where it has not been. False: the episode has ended. */
  readonly forward: () => boolean;
  /** (change of velocity in m/s): goes on from the frame that is shown with a push; what came after it is gone. */
  readonly push: (change: ReadonlyArray<number>) => void;
}

/** (source) ⇒ (timeline) at its first moment. */
export const makeTimeline = (source: Source): Timeline => {
  const frames: Frame[] = [source.first()], earned: number[] = [0];
  let at = 0;
  const add = (frame: Frame): void => {
    earned.push(earned[earned.length - 1] + (frame.reward ?? 0));
    frames.push(frame);
  };
  return {
    frames,
    at: () => at,
    earned: () => earned[at],
    seek: (index) => {
      at = Math.min(frames.length - 1, Math.max(0, index));
    },
    forward: () => {
      if (at === frames.length - 1) {
        const next = source.next();
        if (next === null) return false;
        add(next);
      }
      at++;
      return true;
    },
    push: (change) => {
      if (source.push === undefined) return;
      const now = frames[at], pushed = source.push(now, change);
      frames.length = earned.length = at + 1;
      frames[at] = { ...pushed, action: now.action, reward: now.reward };
    },
  };
};
