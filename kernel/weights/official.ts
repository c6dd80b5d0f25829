import type { RestorationModel } from './model.ts';

/**
 * The published DifFace restoration model for 512 px faces: configuration of the reference's restoration setup (not its weights,
 * which their licence keeps out of this repository).
 */
export const difface: RestorationModel = {
  name: 'difface',
  title: 'DifFace, 512 px (official weights)',
  licence: 'NTU S-Lab License 1.0: non-commercial use only',
  faceSize: 512,
  backbone: {
    file: 'swinir_restoration512_L1.pth',
    architecture: 'swinir',
    params: {
      img_size: 64, patch_size: 1, in_chans: 3, embed_dim: 180, depths: [6, 6, 6, 6, 6, 6, 6, 6], num_heads: [6, 6, 6, 6, 6, 6, 6, 6],
      window_size: 8, mlp_ratio: 2, sf: 8, img_range: 1, upsampler: 'nearest+conv', resi_connection: '1conv', unshuffle: true, unshuffle_scale: 8,
    },
  },
  denoiser: {
    file: 'iddpm_ffhq512_ema500000.pth',
    architecture: 'unet',
    params: {
      image_size: 512, in_channels: 3, model_channels: 32, out_channels: 6, attention_resolutions: [32, 16, 8], dropout: 0,
      channel_mult: [1, 2, 4, 8, 8, 16, 16], num_res_blocks: [1, 2, 2, 2, 2, 3, 4], conv_resample: true, dims: 2, use_fp16: false,
      num_head_channels: 64, use_scale_shift_norm: true, resblock_updown: false, use_new_attention_order: false,
    },
  },
  diffusion: { steps: 1000, timestepRespacing: 'ddim250' },
  defaults: { sampler: 'ddim', start: 100, steps: 100, eta: 0.5 },
};
