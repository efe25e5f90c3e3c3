/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keys.js - "/" searches, "n" registers, Enter goes on to the next box where
 * a form asks for it (data-enter). Menus close when something else is wanted.
 *
 * document.still(act): for what changes a page by itself (matches that come
 * in, questions that appear, a draft that is offered). While a finger or
 * button is down it waits until the tap is through: what moved away from under
 * it would not be clicked.
 */
(function () {
  'use strict';
  var pressed = false, waiting = [];

  function release(event) {
    pressed = false;
    setTimeout(function () { /* the click comes first; of a finger, later */
      if (!pressed)
        waiting.splice(0).forEach(function (act) { act(); });
    }, event.pointerType === 'touch' ? 60 : 0);
  }

  document.still = function (act) {
    if (pressed)
      waiting.push(act);
    else
      act();
  };
  document.addEventListener('pointerdown', function () { pressed = true; }, true);
  ['pointerup', 'pointercancel'].forEach(function (type) {
    document.addEventListener(type, release, true);
  });
  window.addEventListener('blur', release);

  function typing(at) {
    return at && (at.isContentEditable ||
      /^(input|select|textarea)$/i.test(at.tagName));
  }

  function shortcut(event) {
    var where = { '/': 'a[href="/person"]', n: 'a[href="/person/new"]' };
    var box, link;

    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target))
      return;
    box = event.key === '/' && document.querySelector('input[type=search]');
    link = where[event.key] && document.querySelector(where[event.key]);
    if (!box && !link)
      return;
    event.preventDefault();
    if (box)
      box.focus();
    else
      link.click();
  }

  function enter(event) {
    var form, list, at;

    if (event.key !== 'Enter' || !typing(event.target) ||
        event.target.tagName === 'TEXTAREA')
      return;
    form = event.target.closest('form[data-enter]');
    if (!form)
      return;
    list = Array.from(form.querySelectorAll(
      'input:not([type=hidden]), select, textarea, button:not(.first)'))
      .filter(function (one) {
        return one.tabIndex >= 0 && one.offsetParent !== null;
      });
    at = list.indexOf(event.target);
    if (at < 0 || at + 1 >= list.length)
      return;
    event.preventDefault();
    list[at + 1].focus();
  }

  document.addEventListener('keydown', shortcut);
  document.addEventListener('keydown', enter);
  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.addEventListener('click', function () {
      document.querySelectorAll('.report details').forEach(function (fold) {
        fold.open = true;
      });
      window.print();
    });
  });
  document.addEventListener('click', function (event) {
    document.querySelectorAll('details.more[open]').forEach(function (menu) {
      if (!menu.contains(event.target))
        menu.open = false;
    });
  });
}());
