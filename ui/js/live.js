/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* live.js - results that appear while one types: a search box (data-results
 * names the place they go to) and possible matches beside a new name
 * (data-matches). The server sends the same page it sends to everybody; the
 * part with the same id is taken out of it.
 */
(function () {
  'use strict';
  var csrf = document.body.dataset.csrf;
  var leaving = false;

  function place(html, id) {
    var page = new DOMParser().parseFromString(html, 'text/html');
    var from = page.getElementById(id);
    var to = document.getElementById(id);

    if (from && to)
      document.still(function () {
        to.replaceChildren.apply(to, Array.from(from.childNodes));
      });
  }

  function later(delay, action) {
    var timer = 0, number = 0;

    return function () {
      clearTimeout(timer);
      timer = setTimeout(function () {
        var mine = ++number;

        action(function () { return mine === number; });
      }, delay);
    };
  }

  function search(form) {
    var id = form.dataset.results;
    var run = later(200, function (current) {
      var body = new URLSearchParams(new FormData(form));

      fetch(form.action, {
        method: 'POST', body: body, headers: { Accept: 'text/html' }
      })
        .then(function (response) { return response.ok ? response.text() : null; })
        .then(function (html) {
          if (html && current())
            place(html, id);
        }).catch(function () { /* the button still works */ });
    });

    form.addEventListener('input', run);
    /* A page that was sent for leaves its words in the browser's session files,
     * on the disk: with script, the results come to this page. */
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      run();
    });
  }

  function matches(form) {
    var names = /^(given_names|first_surname|second_surname|alias|birth_date.*|age_years|sex|nationality|phone)$/;
    var last = '';
    var run = later(350, function (current) {
      var body = new URLSearchParams();

      new FormData(form).forEach(function (value, name) {
        if (names.test(name) && value)
          body.append(name, value);
      });
      if (body.toString() === last)
        return;
      last = body.toString();
      fetch('/person/match', {
        method: 'POST', body: body,
        headers: { Accept: 'text/html', 'X-CSRF-Token': csrf }
      }).then(function (response) { return response.ok ? response.text() : null; })
        .then(function (html) {
          if (html && current())
            place(html, 'matches');
        }).catch(function () { /* matches are asked again when it is saved */ });
    });

    form.addEventListener('input', run);
  }

  /* What a receiver will see, as the form stands now (data-preview names the
   * place, the form's own address makes it). */
  function preview(form) {
    var id = form.dataset.preview;
    var run = later(250, function (current) {
      var body = new URLSearchParams();

      new FormData(form).forEach(function (value, name) {
        if (typeof value === 'string')
          body.append(name, value);
      });
      body.set('_preview', 'yes');
      fetch(form.action, {
        method: 'POST', body: body,
        headers: { Accept: 'text/html', 'X-CSRF-Token': csrf }
      }).then(function (response) { return response.ok ? response.text() : null; })
        .then(function (html) {
          if (html && current())
            place(html, id);
        }).catch(function () { /* the button still works */ });
    });

    form.addEventListener('input', run);
  }

  /* Something that goes on by itself: how far it is, and the whole page again
   * when it is over. */
  function poll(at) {
    setTimeout(function () {
      if (leaving)
        return;
      fetch(window.location.href, { headers: { Accept: 'text/html' } })
        .then(function (response) { return response.ok ? response.text() : null; })
        .then(function (html) {
          var page = html && new DOMParser().parseFromString(html, 'text/html');

          if (leaving)
            return;
          if (page && !page.querySelector('[data-poll]')) {
            window.location.reload();
            return;
          }
          if (page)
            place(html, at.id);
          poll(at);
        }).catch(function () { poll(at); });
    }, 2000);
  }

  document.addEventListener('submit', function () { leaving = true; });
  document.querySelectorAll('[data-poll]').forEach(poll);
  document.querySelectorAll('form[data-preview]').forEach(preview);
  document.querySelectorAll('form[data-results]').forEach(search);
  document.querySelectorAll('form[data-matches]').forEach(matches);
}());
