// Colours that are told apart without red and green; sequential ones grow in lightness, too.

// Cividis: Nunez, Anderton, Renslow 2018, doi:10.1371/journal.pone.0199239; every eighth of it.
const cividis = [
  [0, 32, 77], [0, 52, 110], [57, 72, 107], [87, 93, 109], [112, 113, 115], [138, 134, 120], [166, 157, 117],
  [196, 181, 108], [255, 234, 70],
];
// Blue for negative, white, orange for positive.
const diverging = [[5, 80, 150], [122, 178, 222], [255, 255, 255], [246, 178, 107], [176, 84, 0]];

function along(stops, t) {
  const x = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const i = Math.min(Math.floor(x), stops.length - 2);
  return [0, 1, 2].map((k) => Math.round(stops[i][k] + (x - i) * (stops[i + 1][k] - stops[i][k])));
}

export const activation = (share) => along(cividis, share); // 0..1
export const strength = (share) => along(cividis, share); // 0..1
export const signed = (value) => along(diverging, 0.5 + 0.5 * value); // -1..1

export const css = (c) => `rgb(${c.join(',')})`;
export const gradient = (stops) => `linear-gradient(to right, ${stops.map(css).join(',')})`;
export const activationStops = cividis;
export const signedStops = diverging;

export const plain = { cord: [214, 203, 178], dura: [150, 175, 200], lead: [120, 120, 120], off: [235, 235, 235],
  firing: [102, 0, 255] };
