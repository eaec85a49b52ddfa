// @ts-check
// The arithmetic of the protocol `tkdraw1`, as docs/DRAW.md explains it: from tickets, a secret and a beacon's value to a ranking. It needs
// only SubtleCrypto.

/** Number of blocks of the random stream that are hashed together: awaiting them one at a time would be slow. */
const BATCH = 256;

/** @param {Uint8Array<ArrayBuffer> | string} data text is hashed as UTF-8 @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function digest(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", typeof data === "string" ? new TextEncoder().encode(data) : data));
}

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} digits an even number of hexadecimal digits */
export const bytesOf = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Returns the SHA-256 in lower-case hexadecimal. @param {Uint8Array<ArrayBuffer> | string} data */
export const sha256 = async (data) => hex(await digest(data));

/** Returns what is published of a secret before the draw opens. @param {string} draw @param {string} secret 64 hexadecimal digits */
export const commitment = (draw, secret) => sha256(`tkdraw1:commit:${draw}:${secret}`);

/** Returns what stands for a ticket in the list of entries. @param {string} draw @param {string} ticket */
export const leaf = (draw, ticket) => sha256(`tkdraw1:leaf:${draw}:${ticket}`);

/** @param {string} draw @param {string} entries @param {string} secret @param {string} randomness the last three in hexadecimal */
export const seedOf = (draw, entries, secret, randomness) => sha256(`tkdraw1:seed:${draw}:${entries}:${secret}:${randomness}`);

/**
 * Returns all entries in the order in which they win: Fisher and Yates' shuffle, from the last position to the second.
 * @param {string[]} leaves in ascending order
 * @param {string} seed 64 hexadecimal digits
 */
export async function rank(leaves, seed) {
  const ranking = [...leaves];
  const below = stream(bytesOf(seed));
  for (let last = ranking.length - 1; last > 0; last -= 1) {
    const other = await below(last + 1);
    [ranking[last], ranking[other]] = [/** @type {string} */ (ranking[other]), /** @type {string} */ (ranking[last])];
  }
  return ranking;
}

/**
 * Returns a function that gives the next integer below a bound, each with the same probability.
 * @param {Uint8Array} seed
 */
function stream(seed) {
  /** @type {bigint[]} */
  let blocks = [];
  let counter = 0;
  const fill = async () => {
    const hashed = Array.from({ length: BATCH }, (_, i) => {
      const input = new Uint8Array(seed.length + 8);
      input.set(seed);
      new DataView(input.buffer).setBigUint64(seed.length, BigInt(counter + i));
      return digest(input);
    });
    counter += BATCH;
    blocks = (await Promise.all(hashed)).map((block) => new DataView(block.buffer).getBigUint64(0)).reverse();
  };
  return async (/** @type {number} */ bound) => {
    const m = BigInt(bound);
    const multiple = (2n ** 64n / m) * m;
    for (;;) {
      if (blocks.length === 0) await fill();
      const number = /** @type {bigint} */ (blocks.pop());
      if (number < multiple) return Number(number % m);
    }
  };
}
