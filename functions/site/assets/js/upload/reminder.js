// @ts-check
// On every page: reminds of photos that wait on this device.

const count = (() => {
  try {
    return Number(localStorage.getItem("techognition.unsent"));
  } catch {
    return 0;
  }
})();

const main = document.getElementById("main");
if (count > 0 && main && location.pathname !== "/add") {
  const link = document.createElement("a");
  link.href = "/add";
  link.textContent = "Go on sending";
  const text = document.createElement("p");
  text.append(count === 1 ? "1 photo is not sent yet. " : `${count} photos are not sent yet. `, link);
  const notice = document.createElement("aside");
  notice.className = "notice notice-amber";
  notice.append(text);
  const wrap = document.createElement("div");
  wrap.className = "wrap";
  wrap.style.setProperty("padding-block-start", "var(--space-4)");
  wrap.append(notice);
  main.before(wrap);
}
