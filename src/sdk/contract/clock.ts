import type { EpochMillis, Millis, Monotonic } from './ids.ts';

/** When something happened, in a form that survives a clock that is set later: boot id and monotonic time always, wall time if trusted. */
export interface Stamp {
  /** Random id of this run of the process's clock. */
  readonly boot: string;
  readonly monotonicMs: Monotonic;
  /** null while the wall clock is not plausible (a box without a battery clock starts in 1970). */
  readonly wallMs: EpochMillis | null;
}

/** Time, as everything in the gateway receives it; tests hand in one that they own. */
export interface Clock {
  monotonicMs(): Monotonic;
  wallMs(): EpochMillis;
  /** False while the wall clock lies before the release of this program, so cannot be right. */
  plausible(): boolean;
  stamp(): Stamp;
  /** Calls once after the delay; returns a function that takes the call back. */
  after(delay: Millis, call: () => void): () => void;
  /** Resolves after the delay; rejects with ABORTED as soon as the signal fires. */
  sleep(delay: Millis, signal?: AbortSignal): Promise<void>;
}

/** A source of chance in [0, 1), handed in so that a test can own it. */
export type Random = () => number;
