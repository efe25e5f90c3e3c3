/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* count.js - the − and + buttons of a grid of counts, without asking the
 * server. Without this script they are buttons of the form. */
(function () {
  'use strict';
  var grid = document.querySelector('[data-count]');
  var total = document.querySelector('[data-count-total]');

  if (!grid)
    return;

  function add() {
    var sum = 0;

    grid.querySelectorAll('input').forEach(function (input) {
      sum += parseInt(input.value, 10) || 0;
    });
    if (total)
      total.textContent = sum;
  }

  grid.addEventListener('click', function (event) {
    var button = event.target.closest('button[name="_step"]');
    var input = button && document.getElementById(button.dataset.of);
    var number;

    if (!input)
      return;
    event.preventDefault();
    number = (parseInt(input.value, 10) || 0) +
      (button.value.slice(-2) === '+1' ? 1 : -1);
    input.value = Math.min(5000, Math.max(0, number));
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  grid.addEventListener('input', add);
  window.addEventListener('pageshow', add);
  add();
}());
