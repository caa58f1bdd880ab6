// Impressions: a card of a slate counts as seen once at least half of it has been visible for a second.
(function () {
  "use strict";
  var SHOWN = 0.5, LONG_ENOUGH = 1000, SEND_EVERY = 5000;
  var cards = document.querySelectorAll("[data-place]");
  var token = document.querySelector("input[name=csrf_token]");
  if (!cards.length || !token || !window.IntersectionObserver) return;

  var waiting = new Map(), seen = [];

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
      if (entry.intersectionRatio >= SHOWN && !waiting.has(card)) {
        waiting.set(card, setTimeout(function () {
          observer.unobserve(card);
          seen.push(card.dataset.place);
        }, LONG_ENOUGH));
      } else if (entry.intersectionRatio < SHOWN && waiting.has(card)) {
        clearTimeout(waiting.get(card));
        waiting.delete(card);
      }
    });
  }, { threshold: [SHOWN] });

  cards.forEach(function (card) { observer.observe(card); });
  setInterval(send, SEND_EVERY);
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("pagehide", send);
})();
