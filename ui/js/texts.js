/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* texts.js - texts that speak of answers ("How old is Ana?") follow the answers
 * as they are typed. data-text holds the parts: texts, and [name, what the
 * server showed]. What is neither asked on this page nor calculated stays as
 * the server showed it.
 */
(function () {
  'use strict';

  function typed(form, name) {
    if (!form.querySelector('[name="' + CSS.escape(name) + '"]'))
      return undefined;
    return new FormData(form).getAll(name).filter(function (value) {
      return typeof value === 'string' && value;
    }).join(' ');
  }

  /* The nearest of that name: in this row, in the one around it, outside. */
  function answer(form, told, asked, pair) {
    var base = asked.slice(0, asked.lastIndexOf('.') + 1), name, value;

    for (;;) {
      name = base + pair[0];
      value = told[name] === undefined ? typed(form, name) : told[name];
      if (value !== undefined || !base)
        return value === undefined ? pair[1] : value;
      base = base.slice(0, base.lastIndexOf('.', base.length - 2) + 1);
    }
  }

  function watch(form) {
    var told = {};

    function refresh() {
      form.querySelectorAll('[data-text]').forEach(function (place) {
        var block = place.closest('[data-q]');
        var text = JSON.parse(place.dataset.text).map(function (part) {
          return typeof part === 'string' ? part
            : answer(form, told, block ? block.dataset.q : '', part);
        }).join('');

        if (place.textContent !== text)
          place.textContent = text;
      });
    }

    if (!form.querySelector('[data-text]'))
      return;
    form.addEventListener('cobijo:told', function (event) {
      Object.keys(event.detail.values).forEach(function (name) {
        told[event.detail.base + name] = event.detail.values[name];
      });
      refresh();
    });
    form.addEventListener('input', refresh);
    form.addEventListener('change', refresh);
  }

  document.querySelectorAll('form').forEach(watch);
}());
