// Impressions: a card of a slate counts as seen once at least half of it has been visible for a second, in a tab that is itself visible.
(function () {
  "use strict";
  var SHOWN = 0.5, LONG_ENOUGH = 1000, SEND_EVERY = 5000;
  var token = document.querySelector("input[name=csrf_token]");
  if (!document.querySelector("[data-place]") || !token || !window.IntersectionObserver) return;

  var waiting = new Map(), observed = new Set(), counted = new Set(), seen = [];

  function send() {
    if (!seen.length) return;
    var form = new FormData();
    form.append("csrf_token", token.value);
    seen.splice(0).forEach(function (place) { form.append("seen", place); });
    if (!navigator.sendBeacon || !navigator.sendBeacon("/impressions", form)) {
      fetch("/impressions", { method: "POST", body: form, keepalive: true, credentials: "same-origin" }).catch(function () {});
    }
  }

  var observer = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      var card = entry.target;
      if (!observed.has(card)) return;
      if (entry.intersectionRatio >= SHOWN && !waiting.has(card)) {
        waiting.set(card, setTimeout(function () {
          leave(card);
          counted.add(card.dataset.place);
          seen.push(card.dataset.place);
        }, LONG_ENOUGH));
      } else if (entry.intersectionRatio < SHOWN && waiting.has(card)) {
        stopWaiting(card);
      }
    });
  }, { threshold: [SHOWN] });

  function stopWaiting(card) {
    clearTimeout(waiting.get(card));
    waiting.delete(card);
  }

  function leave(card) {
    stopWaiting(card);
    observer.unobserve(card);
    observed.delete(card);
  }

  // A button on a card swaps it for a new element, which is the same place on the page.
  function observeCards() {
    observed.forEach(function (card) { if (!card.isConnected) leave(card); });
    if (document.visibilityState === "hidden") return;
    document.querySelectorAll("[data-place]").forEach(function (card) {
      if (counted.has(card.dataset.place) || observed.has(card)) return;
      observed.add(card);
      observer.observe(card);
    });
  }

  // Cards do not move when their tab goes away or comes back, so the observer says nothing of it; observing anew makes it say where they are.
  function tabChanged() {
    observed.forEach(leave);
    observeCards();
    if (document.visibilityState === "hidden") send();
  }

  tabChanged();
  setInterval(send, SEND_EVERY);
  document.addEventListener("visibilitychange", tabChanged);
  document.addEventListener("htmx:load", observeCards);
  window.addEventListener("pagehide", send);
})();
