// Writes the originals that the page sends: each photo as Chromium, Firefox and WebKit encode it, by the page's own script at the page's
// own size and quality. A browser that this machine lacks is named and left out.
//
//     node from_browsers.mjs OUT [--edge PX] [--only BROWSER] PHOTO...
//
// Writes OUT/{photo}-{browser}.jpg. `--edge` is for asking what another size would cost. The browsers are started with an address and
// nothing else, so no driver is needed.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const SCRIPTS = fileURLToPath(new URL("../../shared/assets/js/", import.meta.url));
const PATIENCE_MS = 240_000;

const { values: { edge, only }, positionals: [out, ...photos] } = parseArgs({
  allowPositionals: true,
  options: { edge: { type: "string" }, only: { type: "string" } },
});
if (!out || photos.length === 0) throw new Error("usage: node from_browsers.mjs OUT [--edge PX] [--only BROWSER] PHOTO...");

/** A page that prepares all photos and sends back what was made. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>originals</title><script type="module">
import { prepare } from "/js/picture/picture.js";
import { FULL } from "/js/picture/preparer.js";
const how = { ...FULL, ...${JSON.stringify(edge ? { edge: Number(edge) } : {})} };
const photos = await (await fetch("/photos")).json();
for (const [at] of photos.entries()) {
  const photo = await (await fetch("/photos/" + at)).blob();
  const made = await prepare(new Blob([photo], { type: "image/jpeg" }), how).then(({ blob }) => blob, (error) => String(error));
  await fetch("/made/" + at + (typeof made === "string" ? "?failed" : ""), { method: "POST", body: made });
}
await fetch("/done", { method: "POST" });
</script>`;

/** The browsers and how each opens an address, or why it cannot. `home` is an empty folder for its profile. */
const BROWSERS = {
  chromium: { path: "/usr/bin/chromium", args: (home) => ["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${home}`] },
  firefox: { path: "/usr/bin/firefox-esr", args: (home) => ["--headless", "--no-remote", "--profile", home] },
  webkit: { path: miniBrowser(), args: () => [], screen: true },
};

mkdirSync(out, { recursive: true });
for (const [name, browser] of Object.entries(BROWSERS)) {
  if (only && name !== only) continue;
  if (!existsSync(browser.path) || (browser.screen && !existsSync("/usr/bin/xvfb-run"))) {
    console.log(`${name}: left out, this machine has no ${browser.screen ? "xvfb-run or MiniBrowser" : browser.path}`);
    continue;
  }
  await write(name, browser);
}

/** Lets one browser write all photos. */
async function write(name, { path, args, screen = false }) {
  const home = mkdtempSync(join(tmpdir(), `originals-${name}-`));
  let finish;
  const done = new Promise((resolve) => (finish = resolve));
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url, "http://localhost");
    const at = Number(pathname.split("/").at(-1));
    if (pathname === "/") return answer(response, "text/html", PAGE);
    if (pathname === "/photos") return answer(response, "application/json", JSON.stringify(photos.map((photo) => basename(photo))));
    if (pathname.startsWith("/photos/")) return answer(response, "image/jpeg", readFileSync(photos[at]));
    if (pathname.startsWith("/js/")) return answer(response, "text/javascript", readFileSync(join(SCRIPTS, pathname.slice(4))));
    const body = Buffer.concat(await request.toArray());
    if (pathname.startsWith("/made/")) {
      const file = join(out, `${parse(photos[at]).name}-${name}.jpg`);
      if (search) console.log(`${name}: ${photos[at]} failed: ${body}`);
      else {
        writeFileSync(file, body);
        console.log(`${file}: ${Math.round(body.length / 1000)} kB`);
      }
    }
    if (pathname === "/done") finish();
    answer(response, "text/plain", "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${server.address().port}/`;
  const command = screen ? ["xvfb-run", "-a", path, ...args(home), address] : [path, ...args(home), address];
  // A group of its own, so that all processes of the browser can be ended.
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home };
  const running = spawn(command[0], command.slice(1), { stdio: "ignore", detached: true, env });
  const timer = setTimeout(() => finish("late"), PATIENCE_MS);
  if ((await done) === "late") console.log(`${name}: not done after ${PATIENCE_MS / 1000} s`);
  clearTimeout(timer);
  const ended = new Promise((resolve) => running.once("exit", resolve));
  process.kill(-running.pid, "SIGKILL");
  await ended;
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}

function answer(response, type, body) {
  response.writeHead(200, { "content-type": type }).end(body);
}

/** WebKitGTK's small browser, in a folder named after the machine's architecture. */
function miniBrowser() {
  for (const machine of readdirSync("/usr/lib")) {
    for (const version of ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"]) {
      const path = join("/usr/lib", machine, version, "MiniBrowser");
      if (existsSync(path)) return path;
    }
  }
  return "/usr/lib/webkit2gtk-4.1/MiniBrowser";
}
