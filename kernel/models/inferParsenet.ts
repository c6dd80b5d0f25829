import { countIndices, extentOf, type Inferred, type Shapes } from './keys.ts';

/** Side of the pictures the official model was made for. */
const officialSide = 512;

/** Parameters of a ParseNet from its keys and shapes. Only the ratios of the configured sizes leave traces: the official model's size is assumed. */
export function inferParseNetParams(entries: Shapes): Inferred {
  const down = countIndices(entries, 'encoder.') - 1;
  const up = countIndices(entries, 'decoder.');
  const widths = [...entries].flatMap(([key, { shape }]) => (/^(encoder|decoder)\.\d+\.(conv2\.)?conv2d\.weight$/.test(key) ? [shape[0] ?? NaN] : []));
  const base = extentOf(entries, 'encoder.0.conv2d.weight', 0);
  return {
    params: {
      in_size: officialSide,
      out_size: officialSide * 2 ** (up - down),
      min_feat_size: officialSide / 2 ** down,
      base_ch: base,
      parsing_ch: extentOf(entries, 'out_mask_conv.conv2d.weight', 0),
      res_depth: countIndices(entries, 'body.'),
      ch_range: [Math.min(...widths), Math.max(...widths)],
    },
    assumed: ['in_size'],
  };
}
