/** The kit for one bus: links that carry bytes, a scheduler, a conversation of questions and answers. */
export * from './bus.ts';
export * from './conversation.ts';
export * from './isolation.ts';
export * from './link.ts';
export * from './scheduler.ts';
export { type SerialSettings, serialLink } from './serial-link.ts';
export { type FarEnd, simulatedLink } from './simulated-link.ts';
export { type TcpSettings, tcpLink } from './tcp-link.ts';
