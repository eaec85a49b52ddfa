// One photo into four sizes by sharp, the way its documentation recommends: shrink on load, each size from the largest, and nothing that we
// do not do either: no code tables of its own for each picture, and no conversion of colours that are sRGB already. Prints a line of JSON:
// CPU of each run after the first, and the largest memory.
import sharp from "sharp";
import { mkdirSync, writeFileSync } from "node:fs";

const [file, out, formats, runs] = process.argv.slice(2);
sharp.concurrency(1);
sharp.cache(false);
mkdirSync(out, { recursive: true });

/** Whether a profile calls itself sRGB, as bytes or as UTF-16. */
const isSrgb = (icc) => icc?.toString("latin1").replaceAll("\0", "").includes("sRGB") ?? false;

async function render() {
  const { icc } = await sharp(file).metadata();
  const { data, info } = await sharp(file, { sequentialRead: true, ignoreIcc: isSrgb(icc) })
    .autoOrient()
    .resize(2016, 2016, { fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  for (const edge of [2016, 1280, 640, 320]) {
    const picture = sharp(data, { raw }).resize(edge, edge, { fit: "inside" });
    writeFileSync(`${out}/${edge}.jpg`, await picture.clone().jpeg({ quality: 80, optimiseCoding: false }).toBuffer());
    if (formats === "both") writeFileSync(`${out}/${edge}.webp`, await picture.webp({ quality: 85 }).toBuffer());
  }
}

const cpu = [];
for (let run = 0; run <= Number(runs); run += 1) {
  const before = process.cpuUsage();
  await render();
  const used = process.cpuUsage(before);
  if (run > 0) cpu.push((used.user + used.system) / 1000);
}
console.log(JSON.stringify({ cpu_ms: cpu, peak_kb: process.resourceUsage().maxRSS }));
