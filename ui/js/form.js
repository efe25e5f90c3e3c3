/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form.js - live help in a form: which questions now make sense, what is wrong
 * so far, what is calculated, which choices are left. form.wasm says so here in
 * the page, with the code the server checks everything with again; where there
 * is no WebAssembly the server is asked. The form works without either;
 * nothing is saved here. Also: the first problem gets the focus.
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

  /* A list that is filtered: the choices that are left, with what was chosen
   * among them. True when the answer is gone with its choice. */
  function show_choices(form, name, list) {
    var block = block_of(form, name);
    var select = block && block.querySelector('select[name="' + CSS.escape(name) + '"]');
    var box = block && block.querySelector('.options');
    var pictures = JSON.parse(box && box.dataset.pictures || '{}');
    var before, chosen;

    if (select) {
      chosen = select.value;
      if (select.options.length === list.length + 1 &&
          list.every(function (pair, i) {
            return select.options[i + 1].value === pair[0];
          }))
        return false;
      select.replaceChildren(new Option('', ''));
      list.forEach(function (pair) {
        select.add(new Option(pair[1] || pair[0], pair[0], false, pair[0] === chosen));
      });
      return select.value !== chosen;
    }
    if (!box)
      return false;
    before = Array.from(box.querySelectorAll('input'));
    if (before.length === list.length && list.every(function (pair, i) {
      return before[i].value === pair[0];
    }))
      return false;
    chosen = before.filter(function (one) { return one.checked; })
      .map(function (one) { return one.value; });
    box.replaceChildren.apply(box, list.map(function (pair, i) {
      var label = document.createElement('label');
      var input = document.createElement('input');
      var text = document.createElement('span');
      var picture = pictures[pair[0]] && document.createElement('img');

      input.type = block.dataset.many === undefined ? 'radio' : 'checkbox';
      input.name = name;
      input.value = pair[0];
      input.checked = chosen.indexOf(pair[0]) >= 0;
      input.id = label.htmlFor = block.id + '-' + i;
      text.textContent = pair[1] || pair[0];
      if (picture) {
        picture.src = pictures[pair[0]];
        picture.alt = '';
        text.prepend(picture);
      }
      label.append(input, ' ', text);
      return label;
    }));
    return chosen.some(function (value) {
      return !list.some(function (pair) { return pair[0] === value; });
    });
  }

  /* --- form.wasm ---------------------------------------------------------- */

  var module = null;

  function compiled(url) {
    if (!module)
      module = WebAssembly.compileStreaming(fetch(url));
    return module;
  }

  /* One form of the page: its memory, its part of the names. */
  function engine(code, packed, part, others) {
    var memory, call, texts;
    var stub = function () { return 0; };

    function bytes(at, size) {
      return new Uint8Array(memory.buffer, at, size);
    }

    function ask(name, value, rest) {
      var given = new TextEncoder().encode(typeof value === 'string' ? value
        : JSON.stringify(value));
      var at = call.form_room(given.length || 1);

      if (!at)
        return null;
      bytes(at, given.length).set(given);
      if (!call[name].apply(null, [given.length].concat(rest || [])))
        return null;
      return call.form_answer_size()
        ? JSON.parse(new TextDecoder().decode(
          bytes(call.form_answer(), call.form_answer_size()))) : {};
    }

    function clock() {
      return [Date.now(), -60 * new Date().getTimezoneOffset()];
    }

    function mine(name) {
      return name.indexOf(part.base) === 0 && !others.some(function (other) {
        return other.base.length > part.base.length &&
          name.indexOf(other.base) === 0;
      });
    }

    function told(answer) {
      Object.keys(answer.errors).forEach(function (name) {
        var text = answer.errors[name];

        answer.errors[name] = texts[text] || text;
      });
      return answer;
    }

    return WebAssembly.instantiate(code, {
      host: { random: function (at, size) { crypto.getRandomValues(bytes(at, size)); } },
      wasi_snapshot_preview1: { fd_close: stub, fd_seek: stub, fd_write: stub }
    }).then(function (instance) {
      call = instance.exports;
      memory = call.memory;
      if (call._initialize)
        call._initialize();
      texts = JSON.parse(packed).says;
      if (!ask('form_open', packed))
        throw new Error('form.wasm: the form was not understood');
      return {
        mine: mine,
        base: part.base,
        load: function (fields) {
          return told(ask('form_load', Object.assign({}, part.rest, fields), clock()));
        },
        change: function (fields) {
          return told(ask('form_change', fields, clock()));
        }
      };
    });
  }

  /* All forms of the page; rejected where there is no WebAssembly. */
  function engines(form) {
    var parts = JSON.parse(form.dataset.parts || '[]');

    if (!window.WebAssembly || !WebAssembly.compileStreaming ||
        !form.dataset.wasm || !parts.length)
      return Promise.reject(new Error('no WebAssembly'));
    return Promise.all(parts.map(function (part) {
      return Promise.all([
        compiled(form.dataset.wasm),
        fetch(part.href, { headers: { Accept: 'application/json' } })
          .then(function (response) {
            if (!response.ok)
              throw new Error('no form');
            return response.text();
          })
      ]).then(function (got) {
        return engine(got[0], got[1], part, parts);
      });
    }));
  }

  /* What the fields of a part hold: {name: text or texts}. */
  function fields_of(one, list) {
    var fields = {};

    list.forEach(function (field) {
      var name = field.name;
      var on = field.type !== 'checkbox' && field.type !== 'radio' || field.checked;

      if (!name || name.charAt(0) === '_' || /\.drop$/.test(name) && !on ||
          field.tagName === 'BUTTON' || !one.mine(name))
        return;
      name = name.slice(one.base.length);
      if (field.type === 'file' || /\.drop$/.test(name)) { /* form_file.c */
        name = name.slice(0, -5);
        if (field.type !== 'file')
          fields[name] = '';
        else if (field.files.length)
          fields[name] = field.files[0].name;
        return;
      }
      if (!on)
        fields[name] = fields[name] === undefined ? '' : fields[name];
      else if (fields[name] === undefined || fields[name] === '')
        fields[name] = field.value;
      else if (field.value)
        fields[name] = [].concat(fields[name], field.value);
    });
    return fields;
  }

  function live(form) {
    var touched = {}, wrong = {}, timer = 0, number = 0;
    var here = null, opening = null; /* form.wasm; false: the server */

    function apply(answer, base) {
      var lost = [];

      Object.keys(answer.relevant).forEach(function (name) {
        var block = block_of(form, base + name);

        if (block)
          block.toggleAttribute('data-off', !answer.relevant[name]);
      });
      Object.keys(answer.errors).forEach(function (name) {
        wrong[base + name] = answer.errors[name];
        if (touched[base + name])
          show_error(form, base + name, answer.errors[name]);
      });
      Object.keys(answer.choices).forEach(function (name) {
        if (show_choices(form, base + name, answer.choices[name]))
          lost.push(base + name);
      });
      Object.keys(answer.values).forEach(function (name) {
        var output = form.querySelector(
          '[data-value="' + CSS.escape(base + name) + '"]');

        if (output)
          output.textContent = answer.values[name];
      });
      form.dispatchEvent(new CustomEvent('cobijo:told', {
        detail: { base: base, values: answer.values } }));
      Object.keys(answer.counts || {}).forEach(function (name) {
        form.dispatchEvent(new CustomEvent('cobijo:rows', {
          detail: { name: base + name, count: answer.counts[name] } }));
      });
      lost.forEach(function (name) { /* its choice is gone */
        var block = block_of(form, name);
        var field = block.querySelector('select, .options input');

        (field || block).dispatchEvent(new Event('change', { bubbles: true }));
      });
    }

    /* The server says what is wrong of all; what it does not name is good. */
    function ask() {
      var mine = ++number;

      fetch(form.dataset.check || '/form/' + form.dataset.live + '/check', {
        method: 'POST',
        body: encode(form),
        headers: { Accept: 'application/json', 'X-CSRF-Token': csrf }
      }).then(function (response) {
        return response.ok ? response.json() : null;
      }).then(function (answer) {
        if (!answer || mine !== number)
          return;
        Object.keys(touched).forEach(function (name) {
          answer.errors[name] = answer.errors[name] || '';
        });
        document.still(function () { apply(answer, ''); });
      }).catch(function () { /* no network: the form still works */ });
    }

    function load() {
      here.forEach(function (one) {
        apply(one.load(fields_of(one, Array.from(form.elements))), one.base);
      });
    }

    /* One question changed: its fields are all that is looked at. */
    function change(target) {
      var block = target.closest('[data-q]');
      var name = block && block.dataset.q;
      var list;

      if (!name || block.hasAttribute('data-repeat') || block.matches('.group'))
        return;
      list = Array.from(block.querySelectorAll('input, select, textarea'));
      here.forEach(function (one) {
        if (one.mine(name))
          apply(one.change(fields_of(one, list)), one.base);
      });
    }

    /* Somebody begins: it is fetched now, and not for those who only look. */
    function begin() {
      if (opening)
        return;
      opening = engines(form).then(function (list) {
        return new Promise(document.still).then(function () {
          here = list;
          load();
          form.dataset.ready = 'here';
        });
      }).catch(function () {
        here = false;
        form.dataset.ready = 'server';
        ask();
      });
    }

    /* Leaving a question for a button: nothing moves under the finger before
     * the tap is through. */
    function after_tap(event) {
      document.still(function () { changed(event); });
    }

    /* A problem is told when the question is left, not while it is typed. */
    function changed(event) {
      var block = event.target.closest('[data-q]');

      begin();
      if (block && event.type === 'change')
        touched[block.dataset.q] = true;
      if (here && event.target !== form) {
        change(event.target);
        if (block && touched[block.dataset.q])
          show_error(form, block.dataset.q, wrong[block.dataset.q]);
      } else if (here) {
        load();
      } else if (here === false) {
        clearTimeout(timer);
        timer = setTimeout(ask, event.type === 'change' ? 120 : 500);
      }
    }

    form.addEventListener('change', after_tap);
    form.addEventListener('input', changed);
    form.addEventListener('cobijo:changed', function () { /* rows */
      begin();
      if (here)
        load();
      else if (here === false)
        ask();
    });
    ['pointerdown', 'keydown'].forEach(function (type) {
      form.addEventListener(type, begin, { once: true });
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
