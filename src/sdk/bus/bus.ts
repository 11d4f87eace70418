import {
  backoff,
  type BusName,
  type BusState,
  type Clock,
  type Logger,
  messageOf,
  millis,
  type Random,
} from '../contract/index.ts';
import type { Link } from './link.ts';
import { BusScheduler, type SchedulerOptions } from './scheduler.ts';

export interface BusOptions extends SchedulerOptions {
  readonly name: BusName;
  readonly link: Link;
  readonly random: Random;
  readonly log: Logger;
  /** Bytes from the link. */
  readonly onData: (bytes: Uint8Array) => void;
  /** The link was lost; a question that is open must fail. */
  readonly onLost: (reason: string) => void;
  readonly onState: (state: BusState, reason: string) => void;
}

const FIRST_REOPEN = millis(500);
const LONGEST_REOPEN = millis(30_000);

/** A bus = a link and its scheduler. Opens the link, and opens it again whenever it is lost, for as long as it runs. */
export class Bus {
  readonly name: BusName;
  readonly scheduler: BusScheduler;
  readonly #options: BusOptions;
  readonly #clock: Clock;
  #state: BusState = 'closed';
  #running: { stop: AbortController; ended: Promise<void> } | null = null;
  #wakeLost: (() => void) | null = null;

  constructor(options: BusOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock;
    this.scheduler = new BusScheduler(options);
  }

  get state(): BusState {
    return this.#state;
  }

  start(): void {
    if (this.#running) return;
    const stop = new AbortController();
    this.scheduler.pause('it is being opened');
    this.scheduler.start();
    this.#running = { stop, ended: this.#keepOpen(stop.signal) };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    running.stop.abort();
    this.#wakeLost?.();
    await this.scheduler.stop();
    await running.ended;
    await this.#options.link.close();
    this.#set('closed', 'stopped');
  }

  async #keepOpen(stop: AbortSignal): Promise<void> {
    const { link, random } = this.#options;
    for (let attempt = 1; !stop.aborted; attempt += 1) {
      try {
        if (attempt === 1) this.#set('opening', link.description);
        const lost = this.#open(stop);
        await lost.opened;
        attempt = 0;
        this.#set('open', link.description);
        this.scheduler.resume();
        await lost.gone;
      } catch (error) {
        if (stop.aborted) return;
        this.#set('lost', messageOf(error));
      }
      if (stop.aborted) return;
      await this.#clock.sleep(backoff(Math.max(1, attempt), FIRST_REOPEN, LONGEST_REOPEN, random), stop).catch(() => {});
    }
  }

  #open(stop: AbortSignal): { opened: Promise<void>; gone: Promise<void> } {
    const { link, onData, onLost } = this.#options;
    let tell = (): void => {};
    const gone = new Promise<void>((resolve) => {
      tell = resolve;
    });
    this.#wakeLost = tell;
    const lost = (reason: string): void => {
      this.#set('lost', reason);
      this.scheduler.pause(reason);
      onLost(reason);
      tell();
    };
    return { opened: link.open({ data: onData, lost }, stop), gone };
  }

  #set(state: BusState, reason: string): void {
    if (state === this.#state && state !== 'lost') return;
    const again = state === this.#state;
    this.#state = state;
    if (!again) this.#options.log[state === 'lost' ? 'warn' : 'info'](`Bus ${this.name} is ${state}: ${reason}`);
    this.#options.onState(state, reason);
  }
}
