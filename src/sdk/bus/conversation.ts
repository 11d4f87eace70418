import { aborted, type Clock, GatewayError, type Millis, millis } from '../contract/index.ts';
import type { Link } from './link.ts';

/** What a protocol makes of the bytes received so far. */
export type Parsed<T> =
  /** Not whole yet; `skip` bytes at the front are noise. */
  | { readonly kind: 'more'; readonly skip?: number }
  | { readonly kind: 'answer'; readonly value: T; readonly used: number }
  /** Whole, but damaged or of the wrong form: no use waiting for more. */
  | { readonly kind: 'garbled'; readonly reason: string };

export interface Question<T> {
  readonly request: Uint8Array;
  /** Silence that is waited for before the request, after the last byte in either direction. */
  readonly silence: Millis;
  /** How long the device may take until its answer begins; wire time of request and answer come on top. */
  readonly timeout: Millis;
  /** Bytes of the longest answer, for the wire time. */
  readonly answerBytes: number;
  /** null: no answer is expected (broadcast). */
  readonly parse: ((input: Uint8Array) => Parsed<T>) | null;
}

export interface ConversationStats {
  exchanges: number;
  timeouts: number;
  garbled: number;
  /** Bytes that belonged to no question, or to no answer. */
  strayBytes: number;
}

const BUFFER_BYTES = 4096;

/**
 * One question at a time over a link, and nothing but its answer handed back. Bytes outside of a question are dropped and
 * counted. A time-out is declared only after what had already arrived has been read.
 */
export class Conversation {
  readonly stats: ConversationStats = { exchanges: 0, timeouts: 0, garbled: 0, strayBytes: 0 };
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #input = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  #lastByteAt = 0;
  #hear: (() => void) | null = null;
  #fail: ((error: GatewayError) => void) | null = null;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Handler for the link's `data`. */
  received(bytes: Uint8Array): void {
    this.#lastByteAt = this.#clock.monotonicMs();
    if (!this.#hear) {
      this.stats.strayBytes += bytes.length;
      return;
    }
    const room = BUFFER_BYTES - this.#length;
    this.#input.set(bytes.length > room ? bytes.subarray(0, room) : bytes, this.#length);
    this.#length = Math.min(BUFFER_BYTES, this.#length + bytes.length);
    this.#hear();
  }

  /** Handler for the link's `lost`: the open question fails. */
  lost(reason: string): void {
    this.#fail?.(new GatewayError('BUS_LOST', `${this.#link.description}: ${reason}`, { retry: 'later' }));
  }

  async ask<T>(question: Question<T>, signal: AbortSignal): Promise<T | null> {
    await this.#silence(question.silence, signal);
    const requestMs = question.request.length * this.#link.byteMs;
    this.stats.exchanges += 1;
    if (!question.parse) {
      this.#link.write(question.request);
      await this.#clock.sleep(millis(requestMs), signal);
      this.#lastByteAt = this.#clock.monotonicMs();
      return null;
    }
    const limit = millis(question.timeout + requestMs + question.answerBytes * this.#link.byteMs);
    return this.#exchange(question.request, question.parse, limit, signal);
  }

  async #silence(silence: Millis, signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = this.#lastByteAt + silence - this.#clock.monotonicMs();
      if (left <= 0) return;
      await this.#clock.sleep(millis(Math.ceil(left)), signal);
    }
  }

  #exchange<T>(request: Uint8Array, parse: (input: Uint8Array) => Parsed<T>, limit: Millis, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', stop);
        this.#hear = null;
        this.#fail = null;
        this.stats.strayBytes += this.#length;
        this.#length = 0;
      };
      const fail = (error: GatewayError): void => {
        end();
        reject(error);
      };
      const stop = (): void => fail(aborted('A question on the bus'));
      const expire = async (): Promise<void> => {
        await this.#link.settled();
        if (this.#fail !== fail) return;
        this.stats.timeouts += 1;
        const got = this.#length > 0 ? `only ${this.#length} unusable bytes` : 'nothing';
        fail(new GatewayError('BUS_TIMEOUT', `No answer within ${Math.round(limit)} ms; ${got} came.`, { retry: 'later' }));
      };
      const hear = (): void => {
        const parsed = parse(this.#input.subarray(0, this.#length));
        if (parsed.kind === 'answer') {
          this.#drop(parsed.used);
          end();
          resolve(parsed.value);
        } else if (parsed.kind === 'garbled') {
          this.stats.garbled += 1;
          fail(new GatewayError('BUS_GARBLED', parsed.reason, { retry: 'now' }));
        } else if (parsed.skip) {
          this.stats.strayBytes += parsed.skip;
          this.#drop(parsed.skip);
        } else if (this.#length === BUFFER_BYTES) {
          this.stats.garbled += 1;
          fail(new GatewayError('BUS_GARBLED', `${BUFFER_BYTES} bytes came without an answer in them.`, { retry: 'later' }));
        }
      };
      this.#length = 0;
      this.#hear = hear;
      this.#fail = fail;
      signal.addEventListener('abort', stop, { once: true });
      const cancelTimer = this.#clock.after(limit, expire);
      try {
        this.#link.write(request);
      } catch (error) {
        fail(error as GatewayError);
      }
    });
  }

  #drop(count: number): void {
    this.#input.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}
