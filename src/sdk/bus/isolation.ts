import { type Millis, type Monotonic, millis, monotonic } from '../contract/index.ts';

/**
 * Whether a unit answers, decided from what came of the last exchanges, and when a silent one is tried again. Pure.
 * A silent unit is asked with growing pauses, and all silent units of a bus together get at most a fixed share of its time.
 */
export interface UnitHealth {
  readonly state: 'unknown' | 'answering' | 'silent';
  readonly failures: number;
  /** A silent unit is not asked before. */
  readonly retryAt: Monotonic;
}

export interface IsolationRules {
  /** Exchanges without an answer, in a row, that make a unit silent. */
  readonly failuresToSilence: number;
  readonly firstPause: Millis;
  readonly longestPause: Millis;
  /** Share of the bus's time, 0 … 1, that asking silent units may cost. */
  readonly probeShare: number;
}

export const isolationDefaults: IsolationRules = {
  failuresToSilence: 2,
  firstPause: millis(1000),
  longestPause: millis(30_000),
  probeShare: 0.05,
};

export const newUnit: UnitHealth = { state: 'unknown', failures: 0, retryAt: monotonic(0) };

export function afterExchange(unit: UnitHealth, answered: boolean, now: Monotonic, rules: IsolationRules): UnitHealth {
  if (answered) return { state: 'answering', failures: 0, retryAt: now };
  const failures = unit.failures + 1;
  if (failures < rules.failuresToSilence) return { ...unit, failures };
  const pause = Math.min(rules.longestPause, rules.firstPause * 2 ** Math.min(20, failures - rules.failuresToSilence));
  return { state: 'silent', failures, retryAt: monotonic(now + pause) };
}

/** After asking a silent unit for `cost`, the moment from which the next silent one may be asked. */
export const nextProbe = (now: Monotonic, cost: number, rules: IsolationRules): Monotonic =>
  monotonic(now + (cost * (1 - rules.probeShare)) / rules.probeShare);
