// Bundle static/js and static/css into static/build: every static/js/*.js is an entry, site.css, player.css, admin.css and styleguide.css are the sheets.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { build } from "esbuild";

const OUT = "static/build";
const FONT_CACHE = "node_modules/.cache/nikoflix-fonts";
const BROWSERS = ["chrome111", "edge111", "firefox115", "safari16.4"];

// Hindi as it is written: no Vedic marks, no letters of other languages in the same script. Kept: joiners, dotted circle.
const HINDI = [
  [0x0900, 0x0903], [0x0905, 0x090d], [0x090f, 0x0911], [0x0913, 0x0928], [0x092a, 0x0930], [0x0932, 0x0933], [0x0935, 0x0939],
  [0x093c, 0x0945], [0x0947, 0x0949], [0x094b, 0x094d], [0x0950, 0x0950], [0x0958, 0x095f], [0x0964, 0x0970],
  [0x200c, 0x200d], [0x25cc, 0x25cc],
];
const FONTS = {
  "latin.woff2": { file: "@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2" },
  "devanagari.woff2": {
    file: "@fontsource-variable/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-wght-normal.woff2",
    ranges: HINDI,
    weights: { min: 400, max: 700 },
  },
  // A price is no reason to fetch the whole script either.
  "rupee.woff2": {
    file: "@fontsource-variable/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-wght-normal.woff2",
    ranges: [[0x20b9, 0x20b9]],
    weights: { min: 400, max: 700 },
  },
  // The one Hindi word of an English page, "हिन्दी": the whole script would weigh more than the page.
  "hindi-name.woff2": {
    file: "@fontsource-variable/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-wght-normal.woff2",
    ranges: Array.from("हिन्दी", (letter) => [letter.codePointAt(0), letter.codePointAt(0)]),
    weights: 650,
  },
};

async function subset({ file, ranges, weights }) {
  const whole = await readFile(path.join("node_modules", file));
  if (!ranges) return whole;
  const key = createHash("sha256").update(whole).update(JSON.stringify([ranges, weights])).digest("hex");
  const cached = path.join(FONT_CACHE, `${key}.woff2`);
  if (existsSync(cached)) return readFile(cached);
  const { default: subsetFont } = await import("subset-font");
  const letters = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index)));
  const small = await subsetFont(whole, letters.join(""), { targetFormat: "woff2", variationAxes: { wght: weights } });
  await mkdir(FONT_CACHE, { recursive: true });
  await writeFile(cached, small);
  return small;
}

async function writeFonts() {
  await mkdir(path.join(OUT, "fonts"), { recursive: true });
  return Promise.all(
    Object.entries(FONTS).map(async ([name, font]) => {
      const target = path.join(OUT, "fonts", name);
      await writeFile(target, await subset(font));
      return target;
    }),
  );
}

const shared = { bundle: true, minify: true, target: BROWSERS, metafile: true, logLevel: "warning", legalComments: "none" };
const entries = async (folder, extension) =>
  (await readdir(folder)).filter((name) => name.endsWith(extension)).map((name) => path.join(folder, name));

async function writeScripts() {
  const entryPoints = await entries("static/js", ".js");
  if (!entryPoints.length) return [];
  const options = { entryPoints, outdir: OUT, format: "esm", splitting: true, chunkNames: "chunks/[name]-[hash]" };
  return Object.keys((await build({ ...shared, ...options })).metafile.outputs);
}

// A sheet stands alone: each begins with the fonts, and with the tokens where no other stylesheet has its own of these names.
async function writeSheet(name, before = ["fonts", "tokens"]) {
  if (!existsSync(`static/css/${name}.css`)) return [];
  const contents = [...before, name].map((part) => `@import "./${part}.css";`).join("\n");
  const options = {
    stdin: { contents, loader: "css", resolveDir: "static/css" },
    outfile: path.join(OUT, `${name}.css`),
    external: ["./fonts/*"],
  };
  return Object.keys((await build({ ...shared, ...options })).metafile.outputs);
}

process.chdir(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname));
const written = new Set((await Promise.all([writeFonts(), writeScripts(), writeSheet("site"), writeSheet("player"), writeSheet("admin", ["fonts"]), writeSheet("styleguide", [])])).flat());
for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
  const file = path.join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && !written.has(file)) await rm(file);
}
