import {
  type Clock,
  errorData,
  GatewayError,
  type Millis,
  type Monotonic,
  messageOf,
  millis,
  monotonic,
} from '../contract/index.ts';
import { afterExchange, type IsolationRules, isolationDefaults, newUnit, nextProbe, type UnitHealth } from './isolation.ts';

/** Work of each class is served before that of the next; a scan gets every fifth turn, so that it ends on a busy bus. */
export type Priority = 'command' | 'poll' | 'scan';

export interface BusJob<T> {
  readonly unit: string;
  readonly priority: 'command' | 'scan';
  /** From submission; a job that has not begun by then, or runs longer, is settled with BUS_EXPIRED. */
  readonly within: Millis;
  readonly signal?: AbortSignal;
  run(signal: AbortSignal): Promise<T>;
}

/** Something done again and again. A poll of several requests returns `more` after each but the last, so that a command can go between. */
export interface PollTask {
  readonly unit: string;
  readonly period: Millis;
  run(signal: AbortSignal): Promise<'more' | 'done'>;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  /** Pause between any two pieces of work. */
  readonly turnaround: Millis;
  /** Jobs that may wait; one more is refused with BUS_QUEUE_FULL. */
  readonly maxQueued?: number;
  readonly isolation?: IsolationRules;
  /** A unit began or ceased to answer. */
  readonly onUnit?: (unit: string, state: 'answering' | 'silent', reason: string) => void;
}

interface Queued {
  readonly unit: string;
  readonly priority: 'command' | 'scan';
  readonly deadline: Monotonic;
  begin(): Promise<void>;
  refuse(error: GatewayError): void;
}

interface Poll {
  readonly task: PollTask;
  due: Monotonic;
  active: boolean;
}

type Work = { kind: 'job'; job: Queued } | { kind: 'poll'; poll: Poll } | { kind: 'wait'; until: Monotonic };

const SCAN_EVERY = 5;
const MAX_POLLS = 4096;
const FOREVER = monotonic(Number.MAX_SAFE_INTEGER);

/**
 * The one queue of one bus: one piece of work at a time, commands before polls before scans, silent units set apart so that
 * they cost the others a bounded share of time. Every job settles: done, failed, expired (BUS_EXPIRED) or aborted (ABORTED).
 */
export class BusScheduler {
  readonly #options: Required<Pick<SchedulerOptions, 'maxQueued' | 'isolation'>> & SchedulerOptions;
  readonly #units = new Map<string, UnitHealth>();
  readonly #polls = new Set<Poll>();
  #queue: Queued[] = [];
  #probeAt = monotonic(0);
  #turnsSinceScan = 0;
  #wake: (() => void) | null = null;
  #paused: string | null = null;
  #running: { stop: AbortController; ended: Promise<void> } | null = null;

  constructor(options: SchedulerOptions) {
    this.#options = { maxQueued: 256, isolation: isolationDefaults, ...options };
  }

  start(): void {
    if (this.#running) return;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#loop(stop.signal) };
  }

  /** Ends the loop; what waits is settled as aborted. Idempotent. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    running.stop.abort();
    this.#wake?.();
    await running.ended;
    this.#refuseAll(new GatewayError('ABORTED', 'The bus was stopped.', { retry: 'later' }));
  }

  /** While paused (the link is lost) nothing runs; commands wait until their deadline, scans fail. */
  pause(reason: string): void {
    this.#paused = reason;
    for (const job of this.#queue.filter((waiting) => waiting.priority === 'scan')) job.refuse(lostError(reason));
    this.#queue = this.#queue.filter((waiting) => waiting.priority !== 'scan');
    for (const unit of this.#units.keys()) this.#setUnit(unit, { ...newUnit, state: 'silent' }, reason);
    this.#wake?.();
  }

  resume(): void {
    this.#paused = null;
    const now = this.#options.clock.monotonicMs();
    // Everything may be asked again at once: the cable was at fault, not the units.
    for (const [name, unit] of this.#units) this.#units.set(name, { ...unit, failures: 0, retryAt: now });
    this.#probeAt = now;
    this.#wake?.();
  }

  /** Number of jobs that wait. */
  get queued(): number {
    return this.#queue.length;
  }

  unit(name: string): UnitHealth {
    return this.#units.get(name) ?? newUnit;
  }

  submit<T>(job: BusJob<T>): Promise<T> {
    const { clock, maxQueued } = this.#options;
    return new Promise<T>((resolve, reject) => {
      if (!this.#running) return reject(new GatewayError('ABORTED', 'The bus is not running.', { retry: 'later' }));
      if (this.#paused && job.priority === 'scan') return reject(lostError(this.#paused));
      if (this.#queue.length >= maxQueued) {
        return reject(new GatewayError('BUS_QUEUE_FULL', `${maxQueued} jobs already wait for this bus. Try again later.`, { retry: 'later' }));
      }
      if (job.signal?.aborted) return reject(new GatewayError('ABORTED', 'The job was cancelled before it began.'));
      const control = new AbortController();
      const settle = (call: () => void): void => {
        cancelDeadline();
        job.signal?.removeEventListener('abort', cancel);
        this.#queue = this.#queue.filter((waiting) => waiting !== queued);
        call();
      };
      const refuse = (error: GatewayError): void => {
        settle(() => reject(error));
        control.abort();
      };
      const cancel = (): void => refuse(new GatewayError('ABORTED', 'The job was cancelled.'));
      const queued: Queued = {
        unit: job.unit,
        priority: job.priority,
        deadline: monotonic(clock.monotonicMs() + job.within),
        refuse,
        begin: () =>
          job.run(control.signal).then(
            (value) => settle(() => resolve(value)),
            (error: unknown) => {
              settle(() => reject(error));
              throw error;
            },
          ),
      };
      const cancelDeadline = clock.after(job.within, () =>
        refuse(new GatewayError('BUS_EXPIRED', `The job was not done within ${job.within} ms.`, { retry: 'later' })),
      );
      job.signal?.addEventListener('abort', cancel, { once: true });
      this.#queue.push(queued);
      this.#wake?.();
    });
  }

  /** Polls from now on; first at once, staggered by what else is due. Returns a function that ends it. */
  poll(task: PollTask): () => void {
    if (this.#polls.size >= MAX_POLLS) {
      throw new GatewayError('BUS_QUEUE_FULL', `A bus has room for ${MAX_POLLS} polls. Spread the children over more buses.`);
    }
    const poll: Poll = { task, due: this.#options.clock.monotonicMs(), active: true };
    this.#polls.add(poll);
    this.#wake?.();
    return () => {
      poll.active = false;
      this.#polls.delete(poll);
    };
  }

  async #loop(stop: AbortSignal): Promise<void> {
    const { clock, turnaround } = this.#options;
    while (!stop.aborted) {
      const work = this.#next(clock.monotonicMs());
      if (work.kind === 'wait') await this.#waitUntil(work.until);
      else {
        if (work.kind === 'job') await this.#runJob(work.job);
        else await this.#runPoll(work.poll, stop);
        if (turnaround > 0) await clock.sleep(turnaround);
      }
    }
  }

  #next(now: Monotonic): Work {
    if (this.#paused) return { kind: 'wait', until: FOREVER };
    const command = this.#queue.find((job) => job.priority === 'command');
    if (command) return { kind: 'job', job: command };
    const scan = this.#queue.find((job) => job.priority === 'scan');
    let soonest = FOREVER;
    let best: Poll | null = null;
    for (const poll of this.#polls) {
      const from = this.#mayRunFrom(poll);
      if (from < soonest) {
        soonest = from;
        best = poll;
      }
    }
    const pollIsDue = best !== null && soonest <= now;
    if (scan && (!pollIsDue || this.#turnsSinceScan >= SCAN_EVERY - 1)) return { kind: 'job', job: scan };
    if (best && pollIsDue) return { kind: 'poll', poll: best };
    return { kind: 'wait', until: soonest };
  }

  #mayRunFrom(poll: Poll): Monotonic {
    const unit = this.#units.get(poll.task.unit);
    if (unit?.state !== 'silent') return poll.due;
    return monotonic(Math.max(poll.due, unit.retryAt, this.#probeAt));
  }

  async #runJob(job: Queued): Promise<void> {
    this.#turnsSinceScan = job.priority === 'scan' ? 0 : this.#turnsSinceScan + 1;
    this.#queue = this.#queue.filter((waiting) => waiting !== job);
    try {
      await job.begin();
      if (job.priority === 'command') this.#record(job.unit, null);
    } catch (error) {
      if (job.priority === 'command') this.#record(job.unit, error);
    }
  }

  async #runPoll(poll: Poll, stop: AbortSignal): Promise<void> {
    const { clock, isolation } = this.#options;
    this.#turnsSinceScan += 1;
    const began = clock.monotonicMs();
    const wasSilent = this.unit(poll.task.unit).state === 'silent';
    let more = false;
    let failure: unknown = null;
    try {
      more = (await poll.task.run(stop)) === 'more';
    } catch (error) {
      failure = error;
    }
    if (!poll.active || stop.aborted) return;
    this.#record(poll.task.unit, failure);
    const now = clock.monotonicMs();
    if (wasSilent && failure !== null) this.#probeAt = nextProbe(now, now - began, isolation);
    if (more && failure === null) return;
    // From when it was due, not from when it ran: the period holds on average. What was missed is not made up for.
    poll.due = monotonic(Math.max(poll.due + poll.task.period, now));
  }

  #record(name: string, failure: unknown): void {
    if (failure !== null && !isSilence(failure)) {
      // Refused with an answer, or stopped by us: says nothing against the unit.
      if (!isAnswer(failure)) return;
      failure = null;
    }
    const now = this.#options.clock.monotonicMs();
    const next = afterExchange(this.unit(name), failure === null, now, this.#options.isolation);
    this.#setUnit(name, next, failure === null ? 'it answered' : messageOf(failure));
  }

  #setUnit(name: string, next: UnitHealth, reason: string): void {
    const before = this.unit(name).state;
    this.#units.set(name, next);
    if (next.state !== before && next.state !== 'unknown') this.#options.onUnit?.(name, next.state, reason);
  }

  async #waitUntil(until: Monotonic): Promise<void> {
    const { clock } = this.#options;
    let cancel = (): void => {};
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (until < FOREVER) cancel = clock.after(millis(Math.max(0, Math.ceil(until - clock.monotonicMs()))), resolve);
    });
    cancel();
    this.#wake = null;
  }

  #refuseAll(error: GatewayError): void {
    for (const job of [...this.#queue]) job.refuse(error);
    this.#queue = [];
  }
}

const lostError = (reason: string): GatewayError => new GatewayError('BUS_LOST', `The bus is not open: ${reason}`, { retry: 'later' });
const isSilence = (error: unknown): boolean => ['BUS_TIMEOUT', 'BUS_GARBLED'].includes(errorData(error).code);
/** An adapter marks a device's own refusal with a code that ends in `_REFUSED`. */
const isAnswer = (error: unknown): boolean => errorData(error).code.endsWith('_REFUSED');
