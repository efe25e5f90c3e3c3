/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rows.js - what a form needs beyond fields: rows of a repeat come and go
 * without the server (it sent a blank one along), and the next question after
 * a tap. Without script the same buttons ask the server.
 */
(function () {
  'use strict';
  var BLANK = '1000'; /* the number of the row in the template */

  function rows_of(repeat) {
    return Array.from(repeat.children).filter(function (one) {
      return one.matches('.row');
    });
  }

  /* Every place a row's number stands in. */
  function number(row, name, from, to) {
    var names = [name + '.' + from, name + '.' + to];
    var ids = names.map(function (one) {
      return 'q-' + one.replace(/[./ ]/g, '-');
    });
    var lists = [row].concat(Array.from(row.querySelectorAll('*')));

    function swap(text) {
      return text.split(' ').map(function (word) {
        return [names, ids].reduce(function (now, pair) {
          return now === pair[0] || now.indexOf(pair[0] + '.') === 0 ||
            now.indexOf(pair[0] + '-') === 0
            ? pair[1] + now.slice(pair[0].length) : now;
        }, word);
      }).join(' ');
    }

    row.querySelectorAll('template').forEach(function (one) {
      lists = lists.concat(Array.from(one.content.querySelectorAll('*')));
    });
    lists.forEach(function (one) {
      ['id', 'for', 'name', 'data-q', 'data-value', 'aria-describedby',
       'data-for'].forEach(function (attribute) {
        if (one.hasAttribute(attribute))
          one.setAttribute(attribute, swap(one.getAttribute(attribute)));
      });
      if (one.tagName === 'BUTTON' && one.value)
        one.value = swap(one.value);
    });
    row.querySelectorAll('[data-n]').forEach(function (one) {
      if (one.closest('.row') === row)
        one.textContent = String(Number(to) + 1);
    });
  }

  function tell(form) {
    form.dispatchEvent(new Event('cobijo:changed'));
    form.dispatchEvent(new Event('cobijo:kept'));
  }

  function add(repeat) {
    var template = repeat.querySelector(':scope > template');
    var row = template.content.firstElementChild.cloneNode(true);
    var rows = rows_of(repeat);

    number(row, repeat.dataset.q, BLANK, rows.length);
    template.before(row);
    row.dispatchEvent(new CustomEvent('cobijo:added', { bubbles: true }));
    return row;
  }

  function remove(repeat, row) {
    var at = rows_of(repeat).indexOf(row);

    row.remove();
    rows_of(repeat).forEach(function (one, i) {
      if (i >= at)
        number(one, repeat.dataset.q, i + 1, i);
    });
  }

  function focus_in(row) {
    var field = row.querySelector('input:not([type=hidden]):not([hidden]), select:not([hidden]), textarea');

    if (field)
      field.focus();
  }

  function blank(row) {
    return Array.from(row.querySelectorAll('input:not([type=hidden]), select, textarea'))
      .every(function (field) {
        return field.type === 'checkbox' || field.type === 'radio'
          ? !field.checked : !field.value;
      });
  }

  document.addEventListener('click', function (event) {
    var button = event.target.closest('button[name=_add], button[name=_remove]');
    var repeat = button && button.closest('[data-repeat]');
    var form = repeat && repeat.closest('form'), row;

    if (!repeat || !repeat.querySelector(':scope > template') ||
        button.name === '_add' && button.value !== repeat.dataset.q)
      return; /* the server's */
    event.preventDefault();
    if (button.name === '_add') {
      focus_in(add(repeat));
    } else {
      row = button.closest('.row');
      remove(repeat, row);
      repeat.querySelector(':scope > button[name=_add]').focus();
    }
    tell(form);
  });

  /* So many rows: because an answer says so, or a draft has them. Written
   * ones are never taken away. */
  document.addEventListener('cobijo:rows', function (event) {
    var repeat = event.target.querySelector(
      '[data-repeat][data-q="' + CSS.escape(event.detail.name) + '"]');
    var rows = repeat ? rows_of(repeat) : [], count = event.detail.count;
    var changed = false;

    if (!repeat || !repeat.querySelector(':scope > template'))
      return;
    for (; rows.length < count; rows = rows_of(repeat), changed = true)
      add(repeat);
    while (rows.length > count && !event.detail.least &&
           blank(rows[rows.length - 1])) {
      remove(repeat, rows.pop());
      changed = true;
    }
    if (changed && !event.detail.least)
      setTimeout(tell, 0, event.target);
  }, true);

  /* --- quick: a tap goes on to the next question --------------------------- */

  document.addEventListener('change', function (event) {
    var block = event.target.closest('[data-quick]');
    var all, next;

    if (!block || event.target.type !== 'radio' || !block.closest('form') ||
        !block.dataset.tapped)
      return;
    delete block.dataset.tapped;
    all = Array.from(block.closest('form').querySelectorAll('[data-q]'));
    next = all.slice(all.indexOf(block) + 1).find(function (one) {
      return !one.closest('[data-off]') && one.querySelector(
        ':scope > input:not([type=hidden]), .options input, :scope > select, :scope > textarea');
    });
    if (next)
      focus_in(next);
  });
  document.addEventListener('pointerdown', function (event) {
    var block = event.target.closest('[data-quick]');

    if (block) /* arrows walk through the choices and stay */
      block.dataset.tapped = 'yes';
  });
}());
