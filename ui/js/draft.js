/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* draft.js - nothing typed is lost: a form with data-draft is kept on this
 * device while it is filled in, offered again when the page comes back, and
 * forgotten once the server has said that it has it (the next page came
 * without a problem) or at logout. One draft per user and form.
 */
(function () {
  'use strict';
  var prefix = 'cobijo-draft:';
  var user = document.body.dataset.user || '';
  var form = document.querySelector('form[data-draft]');

  function store() {
    try {
      return window.localStorage;
    } catch (e) {
      return null;
    }
  }
  var box = store();

  if (!box)
    return;

  function forget(test) {
    Object.keys(box).forEach(function (key) {
      if (key.indexOf(prefix) === 0 && test(key))
        box.removeItem(key);
    });
  }

  if (document.body.hasAttribute('data-clear-drafts'))
    forget(function () { return true; });

  /* A form that was sent: the server answered with another page. */
  var sent = null;
  try {
    sent = window.sessionStorage.getItem('cobijo-sent');
    window.sessionStorage.removeItem('cobijo-sent');
  } catch (e) { /* no storage, no draft */ }
  if (sent && user && !document.querySelector('.problem[role=alert]'))
    box.removeItem(sent);
  if (!form || !user)
    return;

  var key = prefix + user + ':' + form.dataset.draft;

  function skip(field) {
    return !field.name || field.name.charAt(0) === '_' ||
      field.type === 'hidden' || field.type === 'password' ||
      field.type === 'file';
  }

  function read() {
    var list = [];

    Array.from(form.elements).forEach(function (field) {
      if (skip(field))
        return;
      if (field.type === 'checkbox' || field.type === 'radio') {
        if (field.checked)
          list.push([field.name, field.value]);
      } else if (field.value) {
        list.push([field.name, field.value]);
      }
    });
    return list;
  }

  function write(list) {
    Array.from(form.elements).forEach(function (field) {
      var found;

      if (skip(field))
        return;
      found = list.filter(function (pair) { return pair[0] === field.name; });
      if (field.type === 'checkbox' || field.type === 'radio')
        field.checked = found.some(function (pair) {
          return pair[1] === field.value;
        });
      else if (found.length)
        field.value = found[0][1];
    });
    form.dispatchEvent(new Event('input', { bubbles: true }));
  }

  var before = JSON.stringify(read());
  var kept = box.getItem(key);
  var offer = document.querySelector('[data-draft-offer]');

  if (kept && kept !== before && offer && !document.querySelector('.problem[role=alert]')) {
    offer.hidden = false;
    offer.querySelector('[data-draft-take]').addEventListener('click',
      function () {
        write(JSON.parse(kept));
        offer.hidden = true;
      });
    offer.querySelector('[data-draft-drop]').addEventListener('click',
      function () {
        box.removeItem(key);
        offer.hidden = true;
      });
  }

  function keep() {
    var now = JSON.stringify(read());

    if (now !== before) {
      try {
        box.setItem(key, now);
      } catch (e) { /* full: the page itself still holds it */ }
    }
  }
  form.addEventListener('input', keep);
  form.addEventListener('change', keep);
  form.addEventListener('submit', function () {
    keep();
    try {
      window.sessionStorage.setItem('cobijo-sent', key);
    } catch (e) { /* then the draft stays: better twice than never */ }
  });
}());
