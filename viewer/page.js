// The tables: sorted by a column's head, filtered by words. The sets: those beyond the first are drawn when they are chosen.
// The scene finds what is chosen here, and tells of what is chosen there, through events on the document: "cauda-set"
// {subject, set} and "cauda-root" {subject, set, root}. window.cauda: {data, inflate} for both.
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('cauda-data').textContent);

  // base64 of a zlib stream to bytes.
  async function inflate(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Response(stream).arrayBuffer();
  }
  window.cauda = { data, inflate };

  // ---- tables ----

  const cell = (row, column) => row.cells[column];

  // Numbers by value, words by letters, nothing last.
  function compare(a, b, column) {
    const [p, q] = [cell(a, column), cell(b, column)];
    const [x, y] = [p.dataset.v, q.dataset.v];
    if (x !== undefined && y !== undefined) return x - y;
    if (x !== undefined || y !== undefined) return x !== undefined ? -1 : 1;
    return p.textContent.localeCompare(q.textContent);
  }

  function sortBy(table, head) {
    const down = head.getAttribute('aria-sort') === 'ascending';
    const column = head.cellIndex, body = table.tBodies[0], sign = down ? -1 : 1;
    const rows = [...body.rows].map((row, at) => ({ row, at }));
    const empty = (r) => cell(r, column).textContent === '\u2014';
    rows.sort((a, b) => empty(a.row) - empty(b.row) || sign * compare(a.row, b.row, column) || a.at - b.at);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    body.append(...rows.map((r) => r.row));
  }

  function filter(part) {
    const words = part.querySelector('[data-filter]').value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = part.querySelector('[data-kept]').checked;
    const rows = [...part.querySelector('table.ranking').tBodies[0].rows];
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = (kept && row.dataset.over === '1') || !words.every((w) => text.includes(w));
    }
    part.querySelector('[data-count]').textContent = `${rows.filter((r) => !r.hidden).length} of ${rows.length} sets`;
  }

  const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const subjectOf = (element) => Number(element.closest('[data-subject]').dataset.subject);

  for (const part of document.querySelectorAll('.ranked')) {
    const table = part.querySelector('table.ranking');
    for (const head of table.tHead.rows[0].cells) head.addEventListener('click', () => sortBy(table, head));
    part.querySelector('[data-filter]').addEventListener('input', () => filter(part));
    part.querySelector('[data-kept]').addEventListener('change', () => filter(part));
    filter(part);
    table.tBodies[0].addEventListener('click', (e) => {
      const row = e.target.closest('tr');
      if (row?.querySelector('[data-choose]')) say('cauda-set', { subject: subjectOf(row), set: row.dataset.set });
    });
  }
  for (const choice of document.querySelectorAll('select[data-choose]'))
    choice.addEventListener('change', () => {
      if (choice.value) say('cauda-set', { subject: subjectOf(choice), set: choice.value });
    });

  // ---- sets ----

  const parts = (id, subject) => document.querySelectorAll(`#${id} [data-subject="${subject}"]`);
  const ofSet = (root, set) => [...root.querySelectorAll('[data-set]')].filter((e) => e.dataset.set === set);

  // What C has drawn of a set, before those that are there.
  async function draw(part, subject, set) {
    const one = data[subject].run.sets?.find((s) => s.name === set);
    if (!one?.card || ofSet(part, set).length) return;
    const packed = one.card.z;
    one.card = null;
    const holder = document.createElement('template');
    holder.innerHTML = new TextDecoder().decode(await inflate(packed));
    part.querySelector('.sets').prepend(holder.content);
  }

  document.addEventListener('cauda-set', async ({ detail: { subject, set } }) => {
    for (const part of parts('sets', subject)) await draw(part, subject, set);
    for (const id of ['ranking', 'sets'])
      for (const part of parts(id, subject)) {
        for (const e of part.querySelectorAll('.chosen')) e.classList.remove('chosen');
        for (const e of ofSet(part, set)) e.classList.add('chosen');
      }
  });

  // A root's curve stands out from the others; null: all alike again.
  document.addEventListener('cauda-root', ({ detail: { subject, set, root } }) => {
    for (const part of parts('sets', subject)) {
      for (const e of part.querySelectorAll('path[data-root]')) e.classList.toggle('faint', root !== null && e.dataset.root !== root);
      const card = root !== null && ofSet(part, set)[0];
      if (card) card.scrollIntoView({ block: 'nearest' });
    }
  });
})();
