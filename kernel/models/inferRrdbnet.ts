import { countIndices, extentOf, type Inferred, type Shapes } from './keys.ts';

/** Parameters of an RRDBNet from its keys and shapes. Gathered pixels cannot be told from further channels: as many channels are assumed to go in as come out. */
export function inferRrdbNetParams(entries: Shapes): Inferred {
  const channels = extentOf(entries, 'conv_last.weight', 0);
  const gathered = Math.sqrt(extentOf(entries, 'conv_first.weight', 1) / channels);
  return {
    params: {
      num_in_ch: channels,
      num_out_ch: channels,
      scale: 4 / gathered,
      num_feat: extentOf(entries, 'conv_first.weight', 0),
      num_block: countIndices(entries, 'body.'),
      num_grow_ch: extentOf(entries, 'body.0.rdb1.conv1.weight', 0),
    },
    assumed: ['num_in_ch'],
  };
}
