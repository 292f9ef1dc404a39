// The scene's scripts and what they use of vtk.js, as one file that needs nothing else: dist/scene.js.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/main.js'],
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome109', 'firefox115', 'safari16.4'],
  outfile: 'dist/scene.js',
  legalComments: 'inline',
  banner: { js: '/* Cauda\'s scene, AGPL-3.0-or-later. Holds vtk.js, Copyright (c) Kitware Inc., BSD-3-Clause. */' },
  define: { 'process.env.NODE_ENV': '"production"' },
});
