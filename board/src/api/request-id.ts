/**
 * A new id of an order. The server does an order once per id, however often it arrives. `crypto.randomUUID` is missing
 * where the page was not loaded over HTTPS or from the same machine, `getRandomValues` is not.
 */
export const newRequestId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
