/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* discreet.js - Escape twice, or a button, covers the screen with an empty
 * page; Escape or the button there brings it back. Nothing is lost or sent.
 */
(function () {
  'use strict';
  var page = document.querySelector('[data-blank-page]');
  var title = document.title;
  var last = 0;

  if (!page)
    return;

  function cover() {
    document.title = 'Cobijo';
    page.showModal();
  }

  page.addEventListener('close', function () {
    document.title = title;
    last = 0;
  });
  page.querySelector('[data-unblank]').addEventListener('click', function () {
    page.close();
  });
  document.querySelectorAll('[data-blank]').forEach(function (button) {
    button.addEventListener('click', cover);
  });
  document.addEventListener('keydown', function (event) {
    var now = Date.now();

    if (event.key !== 'Escape' || page.open) {
      last = 0;
      return;
    }
    if (now - last < 800) {
      event.preventDefault(); /* or this Escape would close it again */
      setTimeout(cover, 0);
    }
    last = now;
  });
}());
