import type { Random } from './clock.ts';
import { type Millis, millis } from './ids.ts';

/**
 * Exponential back-off with jitter, as a pure function: attempt 1 waits about `base`, each further one twice as long, up to
 * `max`. Jitter takes the wait to between 50 % and 100 % of it, so that many waiters do not return together.
 */
export function backoff(attempt: number, base: Millis, max: Millis, random: Random): Millis {
  const full = Math.min(max, base * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return millis(Math.round(full * (0.5 + random() / 2)));
}

/** A wait spread evenly around its middle, e.g. 15 min ± 20 %. */
export function around(middle: Millis, share: number, random: Random): Millis {
  return millis(Math.round(middle * (1 - share + 2 * share * random())));
}
