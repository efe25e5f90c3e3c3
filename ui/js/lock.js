/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lock.js - a page that is left alone is not covered but left: it is emptied
 * and the browser goes to the page that asks for the PIN. What was typed is in
 * the draft, sealed. data-lock: minutes; 0: she has no PIN. All tabs share one
 * clock, and one that is in use tells the server now and then.
 *
 * No page of somebody who was logged in comes back from the browser's memory:
 * it is hidden while it is kept and asked for anew.
 */
(function () {
  'use strict';
  var body = document.body;
  var minutes = Number(body.dataset.lock || 0);
  var STEP = Math.min(60000, minutes * 60000 / 4);
  var told = Date.now(), seen = 0;

  window.addEventListener('pagehide', function (event) {
    if (event.persisted)
      document.documentElement.hidden = true;
  });
  window.addEventListener('pageshow', function (event) {
    if (!event.persisted)
      return;
    body.replaceChildren();
    location.reload();
  });
  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.addEventListener('click', function () { window.print(); });
  });
  if (!minutes)
    return;

  function last() {
    try {
      return Math.max(seen, Number(localStorage.getItem('cobijo-used')) || 0);
    } catch (e) {
      return seen;
    }
  }

  function use() {
    var now = Date.now();

    if (now - seen < 1000)
      return;
    seen = now;
    try {
      localStorage.setItem('cobijo-used', String(now));
    } catch (e) { /* then each tab has a clock of its own */ }
    if (now - told < STEP)
      return;
    told = now;
    fetch('/awake', { credentials: 'same-origin', redirect: 'manual' })
      .catch(function () { /* no network: the page itself goes on */ });
  }

  function leave() {
    var here = location.pathname;
    var sent = new URLSearchParams({ _csrf: body.dataset.csrf, next: here });

    body.replaceChildren();
    document.title = 'Cobijo';
    try {
      localStorage.setItem('cobijo-locked', String(Date.now()));
    } catch (e) { /* other tabs have their own clock */ }
    fetch('/lock', { method: 'POST', body: sent, redirect: 'manual',
                     credentials: 'same-origin', keepalive: true })
      .catch(function () { /* the server sees by itself that nobody came */ })
      .then(function () {
        location.replace('/lock?next=' + encodeURIComponent(here));
      });
  }

  seen = Date.now();
  try {
    localStorage.setItem('cobijo-used', String(seen));
  } catch (e) { /* private mode */ }
  ['pointerdown', 'keydown', 'scroll', 'input'].forEach(function (type) {
    window.addEventListener(type, use, { passive: true, capture: true });
  });
  window.addEventListener('storage', function (event) {
    if (event.key === 'cobijo-locked')
      leave();
  });
  /* A clock, since a lid that was closed makes timers late. */
  setInterval(function () {
    if (Date.now() - last() >= minutes * 60000)
      leave();
  }, Math.min(5000, STEP));
}());
