// @ts-check
// Keeps the pages for adding photos on the device, so that they open without a network, and the wall's page where it was opened; and
// receives photos that another app shares.
//
// It is a script of its own, without imports. The server writes before it what the pages need (`self.SHELL`). Gallery images, the API and
// uploads never go through it; the wall keeps its images itself.

const worker = /** @type {any} */ (self);
/**
 * The files and pages to keep. `screens` are pages that are shown unattended.
 * @type {{ version: string, files: string[], pages: string[], screens: string[] }}
 */
const SHELL = worker.SHELL;
const FILES = `shell-${SHELL.version}`;
const PAGES = "pages";
/** The cache of shared files, which the page that adds photos reads and empties. */
const SHARED = "shared";
/** Milliseconds after which the kept copy of a page is shown instead. */
const PATIENCE_MS = 3000;
const [ADD = "/add"] = SHELL.pages;
const OFFLINE = SHELL.pages[SHELL.pages.length - 1] ?? "/offline";

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && pathname === "/share") event.respondWith(takeShared(request));
  else if (request.method !== "GET") return;
  else if (request.mode === "navigate") event.respondWith(page(request, pathname));
  else if (pathname.startsWith("/assets/")) event.respondWith(file(request));
});

async function install() {
  await (await caches.open(FILES)).addAll(SHELL.files);
  const pages = await caches.open(PAGES);
  await pages.addAll(SHELL.pages);
  // A screen's page contains photos: only a device that shows it keeps it, through the page's own module. Here it gets the new version of
  // the files. A failure must not prevent the new version from being installed.
  for (const screen of SHELL.screens) if (await pages.match(screen)) await pages.add(screen).catch(() => {});
}

/** Deletes the previous version's files, which the server does not have any more either. */
async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== FILES) await caches.delete(name);
  await worker.clients.claim();
}

/** @param {Request} request */
async function file(request) {
  return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}

/**
 * Returns the network's page, or the kept one if there is no network or a very slow one.
 * @param {Request} request
 * @param {string} pathname
 * @returns {Promise<Response>}
 */
async function page(request, pathname) {
  const unattended = SHELL.screens.includes(pathname);
  const kept = unattended || SHELL.pages.includes(pathname) ? await caches.match(pathname) : undefined;
  const fresh = fetch(request).then(async (response) => {
    // What a filter or a portal answers instead is shown, but never kept.
    // A school's wall has only its own photos: the kept wall has all of them.
    if (kept && ours(response) && !new URL(request.url).searchParams.has("school")) await (await caches.open(PAGES)).put(pathname, response.clone());
    return response;
  });
  try {
    if (!kept) return await fresh;
    fresh.catch(() => {});
    const answer = await Promise.race([fresh, later()]);
    // Nobody would press anything there: such a screen would show it for the rest of the day.
    return answer && (ours(answer) || !unattended) ? answer : kept;
  } catch {
    return kept ?? (await caches.match(OFFLINE)) ?? Response.error();
  }
}

/** @param {Response} response */
function ours(response) {
  return response.ok && response.headers.has("x-techognition");
}

/** @returns {Promise<undefined>} */
function later() {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS));
}

/**
 * Stores what another app shares, and opens the page that adds photos.
 * @param {Request} request
 */
async function takeShared(request) {
  const form = await request.formData();
  const aside = await caches.open(SHARED);
  let count = 0;
  for (const file of form.getAll("photos")) {
    if (!(file instanceof File)) continue;
    const headers = { "content-type": file.type, "x-name": encodeURIComponent(file.name) };
    await aside.put(`/shared/${Date.now()}-${(count += 1)}`, new Response(file, { headers }));
  }
  return Response.redirect(ADD, 303);
}
