/** What crosses between the gateway and an adapter, and the small things both sides need to speak it. No dependency. */
export * from './adapter.ts';
export * from './backoff.ts';
export * from './clock.ts';
export * from './data.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './log.ts';
export * from './wire.ts';
