/**
 * Carries bytes, and nothing else. Open and close may alternate; while closed, `write` is an error of the caller.
 * Handlers are called from the event loop, never from within a call into the link.
 */
export interface Link {
  /** For a person: `/dev/ttyUSB0 19200 8N1`. */
  readonly description: string;
  /** Milliseconds that one byte takes on the wire; 0 where there is no pace (TCP). */
  readonly byteMs: number;
  open(handlers: LinkHandlers, signal: AbortSignal): Promise<void>;
  /** Hands bytes over in order, without waiting for the wire. */
  write(bytes: Uint8Array): void;
  /**
   * Resolves when every byte that had arrived before the call has been handed to `data`. A time-out is declared only after
   * this: Node.js runs an expired timer before it delivers what already lies in the kernel's buffer.
   */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface LinkHandlers {
  /** The bytes are the receiver's only during the call: copy what is kept. */
  data(bytes: Uint8Array): void;
  /** The link is gone without having been closed here: unplugged, reset. Called at most once per `open`. */
  lost(reason: string): void;
}
