// @ts-check
/**
 * Returns how long ago an instant was, in the words of the console's pages.
 * @param {number} then milliseconds since 1970
 * @param {number} now milliseconds since 1970, by the server's clock
 */
export function ago(then, now) {
  const minutes = Math.floor(Math.max(0, now - then) / 60_000);
  if (minutes < 1) return "less than a minute";
  const [n, one] = minutes < 60 ? [minutes, "minute"] : minutes < 2880 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
  return n === 1 ? `1 ${one}` : `${n} ${one}s`;
}
