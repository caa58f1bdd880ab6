/* Pages work without this file; it saves clicks and waiting. */
"use strict";

const TOAST_MS = 6000;

/* Times: the server writes UTC, the reader sees their own zone. */
function showLocalTimes(root) {
  const styles = {
    date: { dateStyle: "medium" },
    datetime: { dateStyle: "medium", timeStyle: "short" },
    time: { timeStyle: "short" },
  };
  for (const el of root.querySelectorAll("time[data-local]")) {
    const when = new Date(el.dateTime);
    if (Number.isNaN(when.valueOf())) continue;
    el.textContent = new Intl.DateTimeFormat(document.documentElement.lang, styles[el.dataset.local] || styles.date).format(when);
    el.title = when.toISOString().slice(0, 16).replace("T", " ") + " UTC";
    el.removeAttribute("data-local");
  }
}

/* Toasts leave by themselves, unless the pointer or the focus is on them. */
function armToasts(root) {
  for (const toast of root.querySelectorAll("[data-toast]")) {
    toast.removeAttribute("data-toast");
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, TOAST_MS);
      else toast.remove();
    };
    setTimeout(leave, TOAST_MS);
  }
}

/* Two buttons at a shelf that does not fit, for mice without a sideways wheel. Style sheets show them where they help. */
function addShelfButtons(root) {
  const sprite = document.querySelector(".search use")?.getAttribute("href").split("#")[0];
  for (const row of sprite ? root.querySelectorAll(".shelf-cards:not([data-moves])") : []) {
    row.dataset.moves = "yes";
    const box = Object.assign(document.createElement("div"), { className: "shelf-move" });
    box.setAttribute("aria-hidden", "true");
    const onward = getComputedStyle(row).direction === "rtl" ? -1 : 1;
    const [back, on] = [[-1, "chevron-left"], [1, "chevron-right"]].map(([step, name]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn quiet icon-only", tabIndex: -1 });
      const icon = document.querySelector(".search .icon").cloneNode(true);
      icon.querySelector("use").setAttribute("href", `${sprite}#${name}`);
      button.append(icon);
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      button.addEventListener("click", () => row.scrollBy({ left: onward * step * row.clientWidth * 0.8, behavior }));
      box.append(button);
      return button;
    });
    const update = () => {
      box.hidden = row.scrollWidth <= row.clientWidth + 4;
      const gone = onward * row.scrollLeft;
      back.disabled = gone < 4;
      on.disabled = gone > row.scrollWidth - row.clientWidth - 4;
    };
    row.addEventListener("scroll", update, { passive: true });
    new ResizeObserver(update).observe(row);
    row.closest(".shelf").querySelector("header").append(box);
  }
}

function enhance(root) {
  showLocalTimes(root);
  armToasts(root);
  addShelfButtons(root);
}

/* Menus close on Escape (focus goes back to the button) and on a click elsewhere. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

/* A form is sent once. The button stays enabled while the browser reads its value. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

/* The number beside a slider follows its thumb. */
document.addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  const output = document.querySelector(`output[data-for="${CSS.escape(event.target.id)}"]`);
  if (output) output.value = event.target.value;
});

/* Selects and checkboxes marked data-autosubmit send their form when they change. */
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
});

/* A failed fragment says so instead of staying silent; the words stand in the page, in its language. */
function toast(kind) {
  const region = document.getElementById("toasts");
  if (!region) return;
  const box = document.createElement("div");
  box.className = "toast error";
  box.setAttribute("data-toast", "");
  box.append(Object.assign(document.createElement("p"), { textContent: region.dataset[kind] }));
  region.append(box);
  armToasts(region);
}
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  toast(status === 429 ? "tooFast" : "failed");
});
document.addEventListener("htmx:sendError", () => toast("unreachable"));
/* Before anything is painted: `htmx:load` comes some frames later, and until then a fragment would show UTC. */
document.addEventListener("htmx:afterSwap", (event) => showLocalTimes(event.target.parentElement || event.target));
document.addEventListener("htmx:load", (event) => enhance(event.target));

/* The way back fetches the page of its address; an answer for an address that was left since then may not take its place. */
let restoring = null;
function dropRestoring() {
  if (restoring) restoring.abort();
  restoring = null;
}
document.addEventListener("htmx:historyCacheMiss", (event) => {
  dropRestoring();
  restoring = event.detail.xhr;
});
document.addEventListener("htmx:pushedIntoHistory", dropRestoring);

enhance(document);
