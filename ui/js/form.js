/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form.js - live help in a form: asks the server which questions now make
 * sense, what is wrong so far and what is calculated. The form works without
 * it; nothing is saved here. Also: the first problem gets the focus.
 */
(function () {
  'use strict';
  var csrf = document.body.dataset.csrf;

  function first_problem() {
    var wrong = document.querySelector('.wrong');
    var field = wrong && wrong.querySelector(
      'input:not([type=hidden]), select, textarea');

    if (field && document.activeElement !== field)
      field.focus();
    else if (!field && document.querySelector('.problem[tabindex]'))
      document.querySelector('.problem[tabindex]').focus();
  }

  function encode(form) {
    var body = new URLSearchParams();

    new FormData(form).forEach(function (value, name) {
      if (typeof value === 'string' && name.charAt(0) !== '_')
        body.append(name, value);
    });
    return body;
  }

  function block_of(form, name) {
    return form.querySelector('[data-q="' + CSS.escape(name) + '"]');
  }

  function show_error(form, name, text) {
    var block = block_of(form, name);
    var line = block && block.querySelector(':scope > .error');
    var field = block && block.querySelector('input:not([type=hidden]), select, textarea');

    if (!block || !field)
      return;
    if (!text) {
      if (line)
        line.remove();
      block.classList.remove('wrong');
      field.removeAttribute('aria-invalid');
      return;
    }
    if (!line) {
      line = document.createElement('p');
      line.className = 'error';
      line.setAttribute('role', 'alert');
      block.insertBefore(line, block.children[1] || null);
    }
    line.textContent = text;
    block.classList.add('wrong');
    field.setAttribute('aria-invalid', 'true');
  }

  function show_choices(form, name, list) {
    var select = form.elements[name];
    var chosen;

    if (!select || select.tagName !== 'SELECT')
      return;
    chosen = select.value;
    if (select.options.length === list.length + 1 &&
        list.every(function (pair, i) {
          return select.options[i + 1].value === pair[0];
        }))
      return;
    select.replaceChildren(new Option('', ''));
    list.forEach(function (pair) {
      select.add(new Option(pair[1], pair[0], false, pair[0] === chosen));
    });
  }

  function live(form) {
    var touched = {}, timer = 0, number = 0;

    function apply(answer) {
      Object.keys(answer.relevant).forEach(function (name) {
        var block = block_of(form, name);

        if (block)
          block.toggleAttribute('data-off', !answer.relevant[name]);
      });
      Object.keys(touched).forEach(function (name) {
        show_error(form, name, answer.errors[name]);
      });
      Object.keys(answer.choices).forEach(function (name) {
        show_choices(form, name, answer.choices[name]);
      });
      Object.keys(answer.values).forEach(function (name) {
        var output = form.querySelector(
          '[data-value="' + CSS.escape(name) + '"]');

        if (output)
          output.textContent = answer.values[name];
      });
    }

    function ask() {
      var mine = ++number;

      fetch(form.dataset.check || '/form/' + form.dataset.live + '/check', {
        method: 'POST',
        body: encode(form),
        headers: { Accept: 'application/json', 'X-CSRF-Token': csrf }
      }).then(function (response) {
        return response.ok ? response.json() : null;
      }).then(function (answer) {
        if (answer && mine === number)
          apply(answer);
      }).catch(function () { /* no network: the form still works */ });
    }

    form.addEventListener('change', function (event) {
      if (event.target.name)
        touched[event.target.name.replace(/\.(y|m|d|why)$/, '')] = true;
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    form.addEventListener('input', function () {
      clearTimeout(timer);
      timer = setTimeout(ask, 500);
    });
  }

  /* Something that takes long says so; sending twice does no harm. */
  document.addEventListener('submit', function (event) {
    var button = event.submitter;

    if (button)
      setTimeout(function () { button.setAttribute('aria-busy', 'true'); }, 400);
  });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('button[aria-busy]').forEach(function (button) {
      button.removeAttribute('aria-busy');
    });
  });

  first_problem();
  document.querySelectorAll('form[data-live]').forEach(live);
}());
