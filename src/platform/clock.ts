import { randomUUID } from 'node:crypto';
import {
  aborted,
  type Clock,
  type EpochMillis,
  epochMillis,
  type Millis,
  type Monotonic,
  monotonic,
  type Stamp,
} from '@xyte-gateway/sdk/contract';

/** This program did not exist before this moment, so a wall clock that says less is wrong. Moved forward with each release. */
export const RELEASED_AT_MS: EpochMillis = epochMillis(Date.UTC(2026, 0, 1));

/** The machine's own time. */
export function systemClock(): Clock {
  const boot = randomUUID();
  const monotonicMs = (): Monotonic => monotonic(performance.now());
  const wallMs = (): EpochMillis => epochMillis(Date.now());
  const plausible = (): boolean => Date.now() >= RELEASED_AT_MS;
  const stamp = (): Stamp => ({ boot, monotonicMs: monotonicMs(), wallMs: plausible() ? wallMs() : null });
  const after = (delay: Millis, call: () => void): (() => void) => {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  };
  const sleep = (delay: Millis, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(aborted('A wait'));
      const stop = (): void => {
        clearTimeout(timer);
        reject(aborted('A wait'));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, delay);
      signal?.addEventListener('abort', stop, { once: true });
    });
  return { monotonicMs, wallMs, plausible, stamp, after, sleep };
}
