/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* choose.js - a long list (select[data-long]) becomes a box to type in, with
 * the choices that fit below it: the combobox of the ARIA practices, with
 * automatic selection. Letters count without their accents ("haiti", "mexi"),
 * the beginning of any word is enough, and "hondureña" still finds Honduras.
 * The select stays where it was, unseen, and is what the form sends; without
 * script it is simply there.
 */
(function () {
  'use strict';
  var PAGE = 6, LIKE = 4;
  var number = 0;

  function fold(text) {
    return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase()
      .trim();
  }

  /* How well a choice fits what was typed; 0: not at all. */
  function fits(text, typed) {
    var words = ' ' + text.replace(/[^\p{L}\p{N}]+/gu, ' ');

    if (text.indexOf(typed) === 0)
      return 3;
    return words.indexOf(' ' + typed) >= 0 ? 2
      : typed.length > 2 && text.indexOf(typed) >= 0 ? 1 : 0;
  }

  /* Those that fit, best first; else those that begin alike. */
  function found(options, typed) {
    var list = options.map(function (option, i) {
      return { option: option, at: i, good: fits(fold(option.text), typed) };
    });
    var some = list.filter(function (one) { return one.good; });

    function alike(one) {
      one.good = fits(fold(one.option.text), typed);
      return one.good > 1;
    }

    while (!some.length && typed.length > LIKE) {
      typed = typed.slice(0, -1);
      some = list.filter(alike);
    }
    return some.sort(function (a, b) {
      return b.good - a.good || a.at - b.at;
    }).map(function (one) { return one.option; });
  }

  function box_for(select, list) {
    var box = document.createElement('input');

    box.type = 'text';
    box.className = 'choose';
    box.id = select.id;
    box.autocomplete = 'off';
    box.spellcheck = false;
    box.placeholder = select.options.length && !select.options[0].value
      ? select.options[0].text : '';
    ['aria-label', 'aria-describedby', 'aria-invalid', 'autofocus',
     'required'].forEach(function (name) {
      if (select.hasAttribute(name))
        box.setAttribute(name, select.getAttribute(name));
      select.removeAttribute(name);
    });
    box.setAttribute('role', 'combobox');
    box.setAttribute('aria-autocomplete', 'list');
    box.setAttribute('aria-expanded', 'false');
    box.setAttribute('aria-controls', list.id);
    return box;
  }

  /* select.labels looks through the whole page, each time. */
  function label_of(select) {
    var block = select.closest('.q');
    var label = block && block.querySelector(':scope > label') ||
      select.labels[0];

    return label ? label.textContent.trim() : '';
  }

  function list_for(select) {
    var list = document.createElement('ul');

    list.id = 'choices-' + (++number);
    list.className = 'choices';
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', select.getAttribute('aria-label') ||
      label_of(select));
    list.hidden = true;
    return list;
  }

  function enhance(select) {
    var list = list_for(select);
    var box = box_for(select, list);
    var said = document.createElement('span');
    var shown = [], active = -1;

    function tell(text, seen) {
      said.textContent = text;
      said.className = seen ? 'hint' : 'sr';
    }

    tell('', false);
    said.setAttribute('role', 'status');
    select.removeAttribute('id');
    select.hidden = true;
    select.before(box, said);
    (select.closest('main') || document.body).append(list); /* uncut */
    if (box.autofocus)
      box.focus();

    /* The box says what the select has. */
    function sync() {
      var option = select.options[select.selectedIndex];

      if (document.activeElement !== box || list.hidden)
        box.value = option && option.value ? option.text : '';
      box.disabled = select.disabled;
    }

    function place() {
      var at = box.getBoundingClientRect();
      var view = window.visualViewport;
      var bottom = view ? view.height + view.offsetTop : window.innerHeight;
      var below = bottom - at.bottom - 8;
      var up = below < 180 && at.top > below;

      list.style.left = at.left + 'px';
      list.style.width = at.width + 'px';
      list.style.maxHeight = Math.min(300, up ? at.top - 8 : below) + 'px';
      list.style.top = up ? 'auto' : at.bottom + 'px';
      list.style.bottom = up ? window.innerHeight - at.top + 'px' : 'auto';
    }

    function mark(index) {
      if (list.children[active])
        list.children[active].setAttribute('aria-selected', 'false');
      active = shown.length ? index : -1;
      if (active < 0) {
        box.removeAttribute('aria-activedescendant');
        return;
      }
      list.children[active].setAttribute('aria-selected', 'true');
      list.children[active].scrollIntoView({ block: 'nearest' });
      box.setAttribute('aria-activedescendant', list.children[active].id);
    }

    function item(option, i) {
      var one = document.createElement('li');

      one.id = list.id + '-' + i;
      one.setAttribute('role', 'option');
      one.setAttribute('aria-selected', 'false');
      one.textContent = option.text;
      return one;
    }

    function open(typed) {
      var all = Array.from(select.options).filter(function (option) {
        return option.value;
      });

      shown = typed ? found(all, typed) : all;
      list.replaceChildren.apply(list, shown.map(item));
      tell(shown.length ? shown.length + ' ' + document.body.dataset.choices
        : document.body.dataset.noChoice, !shown.length);
      if (!shown.length) {
        close();
        return;
      }
      list.hidden = false;
      box.setAttribute('aria-expanded', 'true');
      place();
      mark(typed ? 0 : shown.indexOf(select.options[select.selectedIndex]));
    }

    function close() {
      list.hidden = true;
      active = -1;
      box.setAttribute('aria-expanded', 'false');
      box.removeAttribute('aria-activedescendant');
    }

    function set(value) {
      close();
      document.still(function () { tell('', false); });
      if (select.value !== value) {
        select.value = value;
        ['input', 'change'].forEach(function (type) {
          select.dispatchEvent(new Event(type, { bubbles: true }));
        });
      }
      sync();
    }

    function move(step) {
      var last = shown.length - 1;

      if (list.hidden) {
        open('');
        if (active < 0 && shown.length)
          mark(step < 0 ? shown.length - 1 : 0);
        return;
      }
      if (active < 0)
        mark(step < 0 ? last : 0);
      else if (Math.abs(step) > 1)
        mark(Math.max(0, Math.min(last, active + step)));
      else
        mark((active + step + last + 1) % (last + 1));
    }

    /* Leaving takes what is marked; an empty box empties the answer. */
    function leave() {
      if (!box.value.trim())
        set('');
      else if (!list.hidden && active >= 0)
        set(shown[active].value);
      else
        set(select.value); /* what does not exist is not kept */
    }

    box.addEventListener('input', function (event) {
      event.stopPropagation(); /* nothing is answered yet */
      open(fold(box.value));
      if (!box.value.trim())
        close();
    });
    box.addEventListener('change', function (event) {
      event.stopPropagation();
    });
    box.addEventListener('focus', function () { box.select(); });
    box.addEventListener('click', function () {
      if (list.hidden)
        open('');
    });
    box.addEventListener('blur', leave);
    box.addEventListener('keydown', function (event) {
      var step = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE,
                   PageUp: -PAGE }[event.key];

      if (event.altKey && event.key === 'ArrowUp') {
        close();
        event.preventDefault();
      } else if (step) {
        move(step);
        event.preventDefault();
      } else if (event.key === 'Enter' && !list.hidden) {
        if (active >= 0)
          set(shown[active].value);
        event.preventDefault(); /* the next Enter goes on */
      } else if (event.key === 'Escape' && !list.hidden) {
        close();
        sync();
        event.preventDefault();
        event.stopPropagation();
      }
    });
    list.addEventListener('mousedown', function (event) {
      event.preventDefault(); /* the box keeps the focus */
    });
    list.addEventListener('click', function (event) {
      var one = event.target.closest('li');

      if (one)
        set(shown[Array.from(list.children).indexOf(one)].value);
    });
    window.addEventListener('scroll', function (event) {
      if (!list.hidden && event.target !== list)
        place();
    }, true);
    window.addEventListener('resize', function () {
      if (!list.hidden)
        place();
    });
    select.addEventListener('change', sync);
    if (select.form) /* a kept draft was put back */
      select.form.addEventListener('input', sync);
    new MutationObserver(sync).observe(select, { childList: true });
    sync();
  }

  /* In a form of hundreds of lists, those far below wait until they come near
   * or get the focus: changing all of them at once would take seconds. */
  var AT_ONCE = 30;
  var later = new IntersectionObserver(function (seen) {
    seen.forEach(function (one) {
      if (one.isIntersecting)
        reach(one.target);
    });
  }, { rootMargin: '150% 0px' });

  function reach(select) {
    var focused = document.activeElement === select;

    later.unobserve(select);
    if (select.hidden)
      return; /* has its box */
    enhance(select);
    if (focused)
      select.previousElementSibling.previousElementSibling.focus();
  }

  document.querySelectorAll('select[data-long]').forEach(function (select, i) {
    if (i < AT_ONCE)
      enhance(select);
    else
      later.observe(select);
  });
  document.addEventListener('focusin', function (event) {
    if (event.target.matches('select[data-long]'))
      reach(event.target);
  });
  document.addEventListener('cobijo:added', function (event) { /* a row */
    event.target.querySelectorAll('select[data-long]').forEach(enhance);
  });
  window.addEventListener('pageshow', function () { /* as it was left */
    document.querySelectorAll('select[data-long]').forEach(function (select) {
      select.dispatchEvent(new Event('change'));
    });
  });
}());
