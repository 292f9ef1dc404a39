// A view with its controls: plain form elements, so that the keyboard does what the mouse does.
import { activationStops, css, gradient, plain, signedStops } from './colours.js';
import { drawCurve } from './curve.js';
import { View, looks } from './view.js';

function make(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) {
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (v === true) e.setAttribute(k, '');
    else if (v !== false) e.setAttribute(k, v);
  }
  e.append(...children);
  return e;
}

const select = (label, names, onchange) => {
  const box = make('select', { onchange: () => onchange(box.value) }, ...names.map((n) => make('option', { value: n }, n)));
  return { box, label: make('label', {}, `${label} `, box) };
};

const check = (name, words, on, onchange) => {
  const box = make('input', { type: 'checkbox', 'data-show': name, checked: on, onchange: () => onchange(box.checked) });
  return make('label', {}, box, ` ${words}`);
};

const group = (title, ...children) => make('fieldset', {}, make('legend', {}, title), ...children);
const digits = (x) => (x === 0 ? '0' : Number(x.toPrecision(3)).toString());
const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

export class Panel {
  // subjects: [{index, run, scene}]
  constructor(host, subjects, subject, onTurn) {
    Object.assign(this, { subjects, onTurn });
    this.element = make('div', { class: 'view' });
    host.append(this.element);
    this.ready = this.open(subject);
  }

  open(subject) {
    this.view?.close();
    this.subject = subject;
    const { run, scene } = subject;
    this.stage = make('div', {
      class: 'stage', tabindex: '0', role: 'application',
      'aria-label': 'Scene: arrow keys turn it, plus and minus zoom; the controls below do the rest',
    });
    this.picked = make('div', { class: 'picked', 'aria-live': 'polite' });
    this.legend = make('div', { class: 'legend' });
    this.element.replaceChildren(this.stage, make('div', { class: 'side' }, this.top(), this.looks(),
      this.structures(run, scene), this.planes(), this.legend, this.picked));
    this.view = new View(this.stage, run, scene);
    this.element.cauda = this.view;
    this.view.onPick = (root) => this.pick(root);
    this.view.onTurn = () => this.onTurn(this);
    return this.choose(run.sets[0].name);
  }

  top() {
    const { run } = this.subject;
    const names = this.subjects.map((s) => s.run.name);
    const who = select('Subject', names, (n) => this.open(this.subjects[names.indexOf(n)]));
    who.box.value = run.name;
    this.sets = select('Set', run.sets.map((s) => s.name), (name) => this.choose(name));
    this.slider = make('input', {
      type: 'range', min: 0, 'data-amplitude': true,
      oninput: () => this.amplitude(Number(this.slider.value)),
    });
    this.amount = make('output', {});
    return make('div', { class: 'controls' }, ...(names.length > 1 ? [who.label] : []), this.sets.label,
      make('label', {}, 'Amplitude ', this.slider), this.amount);
  }

  looks() {
    return make('div', { class: 'controls' }, group('Look from', ...Object.keys(looks).map((name) =>
      make('button', { type: 'button', 'data-look': name, onclick: () => {
        this.view.lookFrom(name);
        this.onTurn(this);
      } }, name))));
  }

  structures(run, scene) {
    const on = (name) => (value) => this.view.show(name, value);
    const whole = [...scene.shells.map((s) => s.name), 'paddle', 'sites'];
    const words = { sites: 'firing sites' };
    this.rootBox = select('Curve of', ['\u2014', ...run.roots], (name) => this.pick(name === '\u2014' ? null : name));
    return make('div', { class: 'controls' },
      group('Show', ...whole.map((n) => check(n, words[n] ?? n, true, on(n)))),
      group('Roots', ...scene.roots.map((r) => check(r.name, r.name.replace(/_dorsal$/, ''), true, on(r.name)))),
      this.rootBox.label);
  }

  planes() {
    const change = (c) => this.view.setPlane(c).then(() => this.tell());
    const quantity = select('of', ['potential', 'field'], (q) => change({ quantity: q === 'field' ? 'E_V_per_m' : 'potential_V' }));
    const direction = select('Plane', ['none', 'axial', 'coronal', 'sagittal'], (d) => change({ direction: d }));
    direction.box.dataset.plane = '';
    const place = make('input', { type: 'range', min: 0, max: 1, step: 0.01, value: 0.5, 'aria-label': 'place of the plane',
      oninput: () => change({ position: Number(place.value) }) });
    return make('div', { class: 'controls' }, direction.label, quantity.label, make('label', {}, 'at ', place));
  }

  async choose(name) {
    this.sets.box.value = name;
    if (!(await this.view.set(name))) return; // another was chosen meanwhile
    Object.assign(this.slider, { max: this.view.now.axis_mA, step: this.view.now.axis_mA / 400 });
    this.slider.value = this.view.amplitude;
    this.amplitude(this.view.amplitude);
    say('cauda-set', { subject: this.subject.index, set: name, from: this });
  }

  amplitude(mA) {
    if (!this.view.opened) return;
    this.view.setAmplitude(mA);
    this.amount.textContent = `${digits(mA)} mA`;
    this.tell();
    this.curve();
  }

  pick(root) {
    this.view.choose(root);
    this.rootBox.box.value = root ?? '\u2014';
    say('cauda-root', { subject: this.subject.index, set: this.view.now.name, root });
    this.curve();
  }

  curve() {
    const { root, amplitude } = this.view;
    if (!root) {
      this.picked.textContent = 'A click on a root shows its curve.';
      return;
    }
    const share = this.view.roots.find((r) => r.name === root).share;
    this.picked.replaceChildren(
      make('p', {}, make('b', {}, root), `: ${Math.round(100 * share)} % of its fibres at ${digits(amplitude)} mA`),
      drawCurve(root, this.view.thresholdsOf(root), amplitude, this.view.now.axis_mA));
  }

  // The legend, with units.
  tell() {
    const { plane, amplitude, fired, now } = this.view;
    const bar = (stops) => make('span', { class: 'bar', style: `background:${gradient(stops)}` });
    const parts = [make('span', {}, 'Roots: 0 ', bar(activationStops), ' 100 % of the fibres recruited')];
    const largest = this.view.largestShare() * amplitude;
    const flows = Object.entries(now.share ?? {}).map(([c, s]) => `${c} ${s < 0 ? '\u2212' : '+'}${digits(Math.abs(s * amplitude))}`);
    parts.push(make('span', {}, `Contacts: cathode \u2212${digits(largest)} `, bar(signedStops), ` +${digits(largest)} mA anode; `,
      flows.join(', ')));
    parts.push(make('span', {}, make('span', { style: `color:${css(plain.firing)}` }, '\u25cf'), ` ${fired} fibres fire, from there`));
    if (plane.direction !== 'none' && plane.reach) {
      const most = plane.reach * amplitude, at = `${plane.direction} plane at ${plane.place.toFixed(1)} mm: `;
      parts.push(plane.quantity === 'potential_V'
        ? make('span', {}, `${at}${digits(-1e3 * most)} `, bar(signedStops), ` +${digits(1e3 * most)} mV`)
        : make('span', {}, `${at}0 `, bar(activationStops), ` ${digits(most)} V/m over ${this.view.scene.grid.step_mm} mm (square root)`));
    }
    this.legend.replaceChildren(...parts);
  }
}
