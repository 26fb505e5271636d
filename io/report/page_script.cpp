#include "io/report/page.hpp"

namespace sociometer {

// Everything can be read without it.
const char* page_script() {
  return R"js(
'use strict';
(() => {
const text = cell => cell.dataset.tsv ?? cell.textContent;
const order = (a, b, numbers) => {
  const missing = t => t === '' || t === 'n/a';
  if (missing(a) || missing(b)) return {last: missing(a) - missing(b)};
  return {by: numbers ? Number(a) - Number(b) : a.localeCompare(b, 'en', {numeric: true})};
};
const sort = (table, column, down, numbers) => {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, i) => ({row, i, key: text(row.cells[column])}));
  rows.sort((a, b) => {
    const o = order(a.key, b.key, numbers);
    return o.last ?? ((down ? -o.by : o.by) || a.i - b.i);
  });
  body.append(...rows.map(r => r.row));
};
const tsv = table => [...table.rows].map(row => [...row.cells].map(text).map(
  t => t.replace(/[\t\r\n]/g, ' ')).join('\t')).join('\n') + '\n';
const download = table => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([tsv(table)], {type: 'text/tab-separated-values'}));
  link.download = table.dataset.file || table.id + '.tsv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
const make = (name, properties) => Object.assign(document.createElement(name), properties);
for (const table of document.querySelectorAll('.table table')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const title = head.textContent;
    head.dataset.tsv = title;
    const button = make('button', {type: 'button'});
    button.append(...head.childNodes);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach(h => h.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      sort(table, column, down, head.classList.contains('number'));
    });
    head.replaceChildren(button);
  });
  const rows = [...table.tBodies[0].rows];
  const tools = make('div', {className: 'tools'});
  if (rows.length > 5) {
    const label = make('label', {textContent: 'Show rows with '});
    const box = make('input', {type: 'search'});
    const count = make('span', {className: 'quiet'});
    count.setAttribute('role', 'status');
    box.addEventListener('input', () => {
      const wanted = box.value.toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = ![...row.cells].some(cell => cell.textContent.toLowerCase().includes(wanted));
        shown += !row.hidden;
      }
      count.textContent = wanted ? shown + ' of ' + rows.length + ' rows' : '';
    });
    label.append(box);
    tools.append(label, count);
  }
  if (table.dataset.file) {
    const button = make('button', {type: 'button', textContent: 'Download as TSV'});
    button.setAttribute('aria-label', 'Download as TSV: ' + table.caption.textContent);
    button.addEventListener('click', () => download(table));
    tools.append(button);
  }
  table.closest('.table').prepend(tools);
}
const folded = new Set();
addEventListener('beforeprint', () => {
  for (const one of document.querySelectorAll('details:not([open])')) {
    folded.add(one);
    one.open = true;
  }
});
addEventListener('afterprint', () => {
  for (const one of folded) one.open = false;
  folded.clear();
});
})();
)js";
}

const char* unpacking_script() {
  return R"js(
'use strict';
(() => {
const without = () => {
  for (const one of document.querySelectorAll('[data-without-script]')) one.textContent = one.dataset.withoutScript;
};
const run = async packed => {
  const bytes = Uint8Array.from(atob(packed.textContent), c => c.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  const script = document.createElement('script');
  script.textContent = await new Response(inflated).text();
  document.body.append(script);
};
if ('DecompressionStream' in window)
  for (const packed of document.querySelectorAll('script.packed')) run(packed).catch(without);
else
  without();
})();
)js";
}

}  // namespace sociometer
