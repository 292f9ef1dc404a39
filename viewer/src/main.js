// The scene of the page: views side by side, which turn together.
import { unpackScene } from './data.js';
import { Panel } from './panel.js';

const most = 4;

async function begin() {
  const host = document.getElementById('views');
  const subjects = [];
  for (const [index, { run, scene }] of window.cauda.data.entries())
    if (scene && run.sets?.length) subjects.push({ index, run, scene: await unpackScene(scene) });
  if (!subjects.length) return;

  const panels = [];
  const together = document.createElement('input');
  const turned = (from) => {
    if (together.checked) for (const p of panels) if (p !== from) p.view.lookLike(from.view);
  };
  const add = async () => {
    const panel = new Panel(host, subjects, subjects[Math.min(panels.length, subjects.length - 1)], turned);
    panels.push(panel);
    more.disabled = panels.length >= most;
    await panel.ready;
    for (const p of panels) p.view.resize();
  };

  const more = document.createElement('button');
  Object.assign(more, { type: 'button', textContent: 'Add a view beside', onclick: add });
  Object.assign(together, { type: 'checkbox', checked: true });
  const label = document.createElement('label');
  label.append(together, ' views turn together');
  const tools = document.createElement('div');
  tools.className = 'controls add';
  tools.append(more, label);
  host.before(tools);

  // The drawing library takes letters for commands, wherever they are typed.
  for (const kind of ['keydown', 'keypress', 'keyup'])
    document.querySelector('main').addEventListener(kind, (e) => e.stopPropagation());
  for (let i = 0; i < Math.min(subjects.length, 2); i++) await add();
  addEventListener('resize', () => panels.forEach((p) => p.view.resize()));
  // What is chosen elsewhere in the page is shown in the subject's first view.
  document.addEventListener('cauda-set', ({ detail: { subject, set, from } }) => {
    const panel = panels.find((p) => p.subject.index === subject);
    if (!from && panel && panel.view.asked !== set && panel.subject.run.sets.some((s) => s.name === set)) panel.choose(set);
  });
  host.dataset.ready = '1';
}

begin().catch((e) => {
  const note = document.createElement('p');
  note.className = 'warn';
  note.textContent = `The scene cannot be drawn: ${e.message}`;
  document.getElementById('views').replaceChildren(note);
  throw e;
});
