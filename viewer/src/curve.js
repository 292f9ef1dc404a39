// The curve of one root, as a small picture.
import { recruited } from './data.js';

const ns = 'http://www.w3.org/2000/svg';
const element = (name, attributes, parent) => {
  const e = document.createElementNS(ns, name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  parent.append(e);
  return e;
};

export function drawCurve(root, thresholds, amplitude, most) {
  const [left, top, width, height] = [46, 14, 260, 110];
  const x = (mA) => left + (width * Math.min(mA, most)) / most, y = (share) => top + height * (1 - share);
  const svg = document.createElementNS(ns, 'svg');
  for (const [k, v] of Object.entries({ width: 330, height: 164, viewBox: '0 0 330 164', role: 'img', 'font-size': 12 }))
    svg.setAttribute(k, v);
  const share = recruited(thresholds, amplitude);
  element('title', {}, svg).textContent = `${root}: ${Math.round(100 * share)} % at ${amplitude.toPrecision(3)} mA`;
  const text = (at, up, anchor, words) =>
    (element('text', { x: at, y: up, 'text-anchor': anchor }, svg).textContent = words);
  for (const s of [0, 0.5, 1]) {
    element('path', { d: `M${left} ${y(s)}h${width}`, stroke: '#d8d8d8' }, svg);
    text(left - 6, y(s) + 4, 'end', `${100 * s}`);
  }
  for (const s of [0, 0.5, 1]) text(x(s * most), top + height + 16, 'middle', (s * most).toPrecision(3) * 1);
  text(left + width / 2, top + height + 32, 'middle', 'amplitude (mA)');
  element('text', { x: 12, y: top + height / 2, 'text-anchor': 'middle', transform: `rotate(-90 12 ${top + height / 2})` },
    svg).textContent = 'recruited (%)';
  let d = `M${x(0)} ${y(0)}`;
  thresholds.forEach((mA, i) => {
    if (mA !== null && mA <= most) d += `H${x(mA).toFixed(1)}V${y((i + 1) / thresholds.length).toFixed(1)}`;
  });
  element('path', { d: `${d}H${x(most)}`, fill: 'none', stroke: '#000', 'stroke-width': 2.2 }, svg);
  element('path', { d: `M${x(amplitude)} ${top}v${height}`, stroke: '#0072b2', 'stroke-dasharray': '3 3' }, svg);
  element('circle', { cx: x(amplitude), cy: y(share), r: 4.5, fill: '#0072b2' }, svg);
  return svg;
}
