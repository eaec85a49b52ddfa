// @ts-check
/**
 * A ZIP file whose entries are stored as they are, since photos cannot be compressed further. For fewer than 65,536 entries and 4 GB together.
 * <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>
 */

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** Returns the CRC-32 of bytes. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export class Zip {
  /** @type {BlobPart[]} */
  #parts = [];
  /** The entries of the directory at the end. @type {Uint8Array<ArrayBuffer>[]} */
  #directory = [];
  #length = 0;

  /** @param {Date} at when the files were made, in the time of this device, as ZIP files have it */
  constructor(at) {
    this.time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
    this.date = ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  }

  /** Adds a file. @param {string} name @param {Uint8Array<ArrayBuffer>} bytes */
  add(name, bytes) {
    const path = new TextEncoder().encode(name);
    const [crc, size, offset] = [crc32(bytes), bytes.length, this.#length];
    // Version 2.0; names in UTF-8; stored.
    const common = /** @type {const} */ ([[2, 20], [2, 0x0800], [2, 0], [2, this.time], [2, this.date], [4, crc], [4, size], [4, size], [2, path.length], [2, 0]]);
    const header = written([[4, 0x04034b50], ...common]);
    this.#directory.push(written([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), path);
    // A browser may keep a blob on its disk.
    this.#parts.push(header, path, new Blob([bytes]));
    this.#length += header.length + path.length + size;
  }

  /** Returns the whole file. */
  blob() {
    const entries = this.#directory.length / 2;
    const size = this.#directory.reduce((sum, part) => sum + part.length, 0);
    const end = written([[4, 0x06054b50], [2, 0], [2, 0], [2, entries], [2, entries], [4, size], [4, this.#length], [2, 0]]);
    return new Blob([...this.#parts, ...this.#directory, end], { type: "application/zip" });
  }
}

/** Returns numbers of 2 or 4 bytes each, least significant byte first. @param {readonly (readonly [2 | 4, number])[]} numbers */
function written(numbers) {
  const view = new DataView(new ArrayBuffer(numbers.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, number] of numbers) {
    if (bytes === 2) view.setUint16(at, number, true);
    else view.setUint32(at, number, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}
