import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodePng } from '../kernel/media/image.ts';
import { psnr, ssim } from '../kernel/metrics/fidelity.ts';
import { highFrequencyPower } from '../kernel/metrics/highFrequency.ts';
import type { Engine } from '../kernel/pipeline/engine.ts';
import { EnginePool } from '../kernel/pipeline/enginePool.ts';
import { methodOf, type Method } from '../kernel/pipeline/request.ts';
import { defaultSeed, type RestoreRequest } from '../kernel/recipe/restoreOptions.ts';
import { sheet } from '../kernel/trajectory/strip.ts';
import { rgbToTensor, tensorToRgb } from '../kernel/tensor/imageTensor.ts';
import type { RgbImage } from '../kernel/tensor/rgbImage.ts';
import { findModel } from '../kernel/weights/catalog.ts';
import { drawAlignedFace } from './drawing/alignedFace.ts';
import { degrade, drawDegradation, type Severity } from './drawing/degrade.ts';

/**
 * Measures the sample model on drawn faces it never saw and says whether it is good enough to ship. Exit code 1 where it is not.
 *
 *     npm run sample:evaluate -- [--count 200] [--sampler ddim] [--start 60] [--steps 60] [--eta 1] [--sheets <folder>]
 */
const firstSeed = 10_000_000;
const shown = 50;
/** Periods in pixels below which detail counts as high frequency; the criteria use the first. */
const periods = [16, 8] as const;

interface Criteria {
  readonly detail: number;
}
const severities: readonly (readonly [Severity, Criteria])[] = [['moderate', { detail: 0.75 }], ['severe', { detail: 0.6 }]];

class Mean {
  private sum = 0;
  private count = 0;
  add(value: number): void {
    this.sum += value;
    this.count++;
  }
  get value(): number {
    return this.sum / this.count;
  }
}

/** Means over all faces of one kind of picture. */
class Figures {
  readonly psnr = new Mean();
  readonly ssim = new Mean();
  readonly power = periods.map(() => new Mean());

  add(image: RgbImage, truth: RgbImage): void {
    this.psnr.add(psnr(image, truth));
    this.ssim.add(ssim(image, truth));
    for (const [i, period] of periods.entries()) this.power[i]!.add(highFrequencyPower(image, period));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' }, sheets: { type: 'string' },
      sampler: { type: 'string' }, start: { type: 'string' }, steps: { type: 'string' }, eta: { type: 'string' },
    },
  });
  const request: RestoreRequest = {
    ...(values.sampler === undefined ? {} : { sampler: values.sampler as NonNullable<RestoreRequest['sampler']> }),
    ...Object.fromEntries((['start', 'steps', 'eta'] as const).flatMap((key) => (values[key] === undefined ? [] : [[key, Number(values[key])]]))),
  };
  const model = await findModel('sample');
  const method = methodOf(request, model.description);
  const engines = new EnginePool();
  const engine = await engines.engine({ model, device: 'auto', precision: 'float32' });
  let good = true;
  try {
    console.log(`${values.count} drawn faces a severity, seeds from ${firstSeed} on; method ${JSON.stringify(method)}`);
    for (const [severity, criteria] of severities) good = await evaluate(engine, severity, criteria, method, Number(values.count), values.sheets) && good;
    good = await seeds(engine, method) && good;
  } finally {
    engines.dispose();
  }
  if (!good) process.exitCode = 1;
}

async function restore(engine: Engine, crop: RgbImage, method: Method, seed: number): Promise<RgbImage> {
  return tensorToRgb((await engine.restore(rgbToTensor(crop), { method, turns: [], seed, track: 0, signal: new AbortController().signal })).restored);
}

async function evaluate(engine: Engine, severity: Severity, criteria: Criteria, method: Method, count: number, sheets: string | undefined): Promise<boolean> {
  const kinds = { input: new Figures(), backbone: new Figures(), result: new Figures(), truth: new Figures() };
  const found = { input: 0, result: 0, truth: 0 };
  const rows: RgbImage[][] = [];
  for (let i = 0; i < count; i++) {
    const seed = firstSeed + i;
    const truth = drawAlignedFace(seed, engine.faceSize).image;
    const input = await degrade(truth, drawDegradation(severity, seed), seed);
    const backbone = await restore(engine, input, { kind: 'backbone' }, defaultSeed);
    const result = await restore(engine, input, method, defaultSeed + i);
    for (const [kind, image] of Object.entries({ input, backbone, result, truth })) kinds[kind as keyof typeof kinds].add(image, truth);
    for (const [kind, image] of Object.entries({ input, result, truth })) found[kind as keyof typeof found] += (await engine.finder('builtin').detect(image, {})).length > 0 ? 1 : 0;
    if (i < shown) rows.push([input, backbone, result, truth]);
  }
  if (sheets !== undefined) {
    await mkdir(sheets, { recursive: true });
    const half = Math.ceil(rows.length / 2);
    const side = rows.slice(0, half).map((row, i) => [...row, ...(rows[half + i] ?? [])]);
    await writeFile(join(sheets, `${severity}.png`), await encodePng(sheet(side)));
  }
  const share = (figures: Figures, p: number): number => figures.power[p]!.value / kinds.truth.power[p]!.value;
  console.log(`\n${severity}: PSNR dB / SSIM / high-frequency power against the truth (periods below ${periods.join(' and ')} px) / found by the detector`);
  for (const kind of ['input', 'backbone', 'result', 'truth'] as const) {
    const { psnr: p, ssim: s } = kinds[kind];
    const seen = kind === 'backbone' ? '' : ` / ${((100 * found[kind]) / count).toFixed(1)} %`;
    console.log(`  ${kind.padEnd(9)}${p.value.toFixed(2).padStart(8)} / ${s.value.toFixed(3)} / ${periods.map((_, i) => share(kinds[kind], i).toFixed(2)).join(' and ')}${seen}`);
  }
  const gain = kinds.backbone.psnr.value - kinds.input.psnr.value;
  const loss = kinds.backbone.psnr.value - kinds.result.psnr.value;
  return [
    check('backbone above the input', gain, 2, 'dB'),
    check('detail of the result', share(kinds.result, 0), criteria.detail, 'of the truth'),
    check('result not far below the backbone', -loss, -2.5, 'dB'),
    check('results found by the detector', found.result / count, 0.97, 'of all'),
  ].every(Boolean);
}

/** One seed gives the same bytes twice, another gives others. */
async function seeds(engine: Engine, method: Method): Promise<boolean> {
  const input = await degrade(drawAlignedFace(firstSeed, engine.faceSize).image, drawDegradation('severe', firstSeed), firstSeed);
  const [one, again, other] = [await restore(engine, input, method, 1), await restore(engine, input, method, 1), await restore(engine, input, method, 2)];
  const differing = (a: RgbImage, b: RgbImage): number => a.data.reduce((sum, value, i) => sum + (value === b.data[i] ? 0 : 1), 0) / a.data.length;
  console.log('\nseeds');
  return [check('samples that differ, one seed twice', -differing(one, again), 0, ''), check('samples that differ between two seeds', differing(one, other), 0.05, '')].every(Boolean);
}

function check(name: string, value: number, least: number, unit: string): boolean {
  const good = value >= least;
  console.log(`  ${good ? 'ok  ' : 'FAIL'} ${name}: ${value.toFixed(3)} (at least ${least} ${unit})`.replace(/ \)$/, ')'));
  return good;
}

await main();
