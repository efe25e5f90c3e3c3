/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* order.js - three small helps: an order is made with Up and Down instead of
 * lists (data-rank), a number on a scale also with a slider (data-range), and
 * a large number is told in groups of three (data-grouped). The fields of the
 * form stay what they are; without script they are used as they are.
 */
(function () {
  'use strict';

  function changed(field) {
    ['input', 'change'].forEach(function (type) {
      field.dispatchEvent(new Event(type, { bubbles: true }));
    });
  }

  function button(text, of, act) {
    var one = document.createElement('button');
    var hidden = document.createElement('span');

    one.type = 'button';
    one.className = 'outline';
    one.textContent = text;
    hidden.className = 'sr';
    hidden.textContent = of;
    one.append(' ', hidden);
    one.addEventListener('click', act);
    return one;
  }

  /* --- an order --------------------------------------------------------------- */

  function rank(box) {
    var fields = Array.from(box.querySelectorAll('select'));
    var label = {}, order = [], list = document.createElement('ol');
    var open = document.createElement('p');
    var said = document.createElement('p');
    var take = button(box.dataset.take, '', write);

    function read() {
      var given = fields.map(function (field) { return field.value; })
        .filter(Boolean);

      order = given.concat(Object.keys(label).filter(function (name) {
        return given.indexOf(name) < 0;
      }));
      return given.length > 0;
    }

    function write() {
      fields.forEach(function (field, i) { field.value = order[i]; });
      show();
      changed(fields[0]);
    }

    function move(name, by) {
      var at = order.indexOf(name), to = at + by, same;

      if (to < 0 || to >= order.length)
        return;
      order.splice(at, 1);
      order.splice(to, 0, name);
      write();
      said.textContent = label[name] + ': ' + box.dataset.place + ' ' + (to + 1);
      same = list.children[to].querySelectorAll('button')[by < 0 ? 0 : 1];
      if (same.disabled)
        same = list.children[to].querySelectorAll('button')[by < 0 ? 1 : 0];
      same.focus();
    }

    function show() {
      var given = fields.some(function (field) { return field.value; });

      open.hidden = take.hidden = given;
      list.classList.toggle('unset', !given);
      list.replaceChildren.apply(list, order.map(function (name, i) {
        var item = document.createElement('li');
        var text = document.createElement('span');
        var up = button(box.dataset.up, label[name], function () { move(name, -1); });
        var down = button(box.dataset.down, label[name], function () { move(name, 1); });

        text.textContent = label[name];
        up.disabled = !i;
        down.disabled = i === order.length - 1;
        item.append(text, up, down);
        return item;
      }));
    }

    Array.from(fields[0] ? fields[0].options : []).forEach(function (option) {
      if (option.value)
        label[option.value] = option.text;
    });
    open.className = 'hint';
    open.textContent = box.dataset.open;
    said.className = 'sr';
    said.setAttribute('role', 'status');
    box.querySelectorAll(':scope > p').forEach(function (one) { one.hidden = true; });
    box.append(open, list, take, said);
    read();
    show();
    box.closest('form').addEventListener('input', function (event) {
      if (event.target === this) { /* a draft came back */
        read();
        show();
      }
    });
  }

  /* --- a scale ---------------------------------------------------------------- */

  function range(block) {
    var field = block.querySelector('input');
    var slider = document.createElement('input');
    var line = document.createElement('div');
    var ticks;

    ['start', 'end', 'step'].forEach(function (name, i) {
      slider.setAttribute(['min', 'max', 'step'][i], block.dataset[name]);
    });
    slider.type = 'range';
    slider.setAttribute('aria-label', block.querySelector('label').textContent.trim());
    line.className = 'slide' + (block.hasAttribute('data-upright') ? ' upright' : '');
    if (block.hasAttribute('data-upright'))
      slider.setAttribute('orient', 'vertical');
    [block.dataset.start, slider, block.dataset.end].forEach(function (part) {
      var end;

      if (part === slider) {
        line.append(slider);
        return;
      }
      end = document.createElement('span');
      end.textContent = part;
      end.setAttribute('aria-hidden', 'true');
      line.append(end);
    });
    if (block.hasAttribute('data-ticks')) {
      ticks = document.createElement('datalist');
      ticks.id = field.id + '-ticks';
      for (var at = Number(block.dataset.start); at <= Number(block.dataset.end);
        at += Number(block.dataset.step))
        ticks.append(new Option('', String(at)));
      slider.setAttribute('list', ticks.id);
      line.append(ticks);
    }

    function read() {
      slider.classList.toggle('unset', !field.value);
      slider.setAttribute('aria-valuetext', field.value || '—');
      if (field.value)
        slider.value = field.value.replace(',', '.');
    }

    function write(type) {
      field.value = slider.value;
      read();
      field.dispatchEvent(new Event(type, { bubbles: true }));
    }

    ['input', 'change'].forEach(function (type) {
      slider.addEventListener(type, function (event) {
        event.stopPropagation();
        write(type);
      });
    });
    slider.addEventListener('pointerup', function () {
      if (!field.value) /* a tap on where it stands is an answer, too */
        write('change');
    });
    slider.addEventListener('keydown', function (event) {
      if ((event.key === 'Enter' || event.key === ' ') && !field.value) {
        event.preventDefault();
        write('change');
      }
    });
    field.after(line);
    field.addEventListener('input', read);
    block.closest('form').addEventListener('input', function (event) {
      if (event.target === this)
        read();
    });
    read();
  }

  /* --- a large number --------------------------------------------------------- */

  function grouped(block) {
    var field = block.querySelector('input');
    var told = document.createElement('span');

    function show() {
      var number = Number(field.value.replace(',', '.'));

      told.textContent = field.value && Math.abs(number) >= 1000
        ? number.toLocaleString(document.documentElement.lang,
                                { maximumFractionDigits: 10 }) : '';
    }

    told.className = 'hint';
    field.after(told);
    field.addEventListener('input', show);
    block.closest('form').addEventListener('input', function (event) {
      if (event.target === this)
        show();
    });
    show();
  }

  function each(root) {
    root.querySelectorAll('[data-rank]').forEach(rank);
    root.querySelectorAll('[data-range]').forEach(range);
    root.querySelectorAll('[data-grouped]').forEach(grouped);
  }

  document.addEventListener('cobijo:added', function (event) {
    each(event.target);
  });
  each(document);
}());
