// @ts-check

/** Formats a moment of a video: `0:05`, `1:40`. @param {number} seconds */
export function clockOf(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
