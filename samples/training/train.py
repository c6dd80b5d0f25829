"""Trains one of the two networks of the sample model on the faces that samples/training/writeDataset.ts drew.

    python3 train.py backbone --data ../../.cache/faces --out ../../.cache/training --minutes 20
    python3 train.py denoiser --data ../../.cache/faces --out ../../.cache/training --minutes 50
    python3 train.py export   --out ../../.cache/training --model ../model

Seeded and resumable: a run goes on from its last checkpoint. On a CPU with bfloat16 instructions it computes in mixed
precision; preloading tcmalloc (LD_PRELOAD=libtcmalloc_minimal.so.4) makes it about a third faster.
"""
import argparse
import copy
import glob
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

from networks import SwinIR, UNet

DENOISER = dict(image_size=128, in_channels=3, model_channels=32, out_channels=6, attention_resolutions=[16, 8], dropout=0,
                channel_mult=[1, 1, 2, 2, 4], num_res_blocks=[0, 1, 1, 1, 1], conv_resample=True, dims=2, use_fp16=False,
                num_head_channels=32, use_scale_shift_norm=True, resblock_updown=False, use_new_attention_order=False)
BACKBONE = dict(img_size=32, patch_size=1, in_chans=3, embed_dim=60, depths=[4, 4, 4], num_heads=[6, 6, 6], window_size=8, mlp_ratio=2,
                sf=4, img_range=1.0, upsampler='nearest+conv', resi_connection='1conv', unshuffle=True, unshuffle_scale=4)

# The linear schedule of DDPM (Ho et al., 2020), 1000 steps.
BETA = np.linspace(1e-4, 0.02, 1000)
ALPHA_BAR = np.cumprod(1 - BETA)


class Faces:
    """Clean faces (N, H, W, 3) and K degraded versions of each (N, K, H, W, 3), uint8, in shards that may still be growing in number."""

    def __init__(self, folder, seed):
        self.folder = folder
        self.random = np.random.default_rng(seed)
        self.shards = {}
        self.look()

    def look(self):
        for path in sorted(glob.glob(os.path.join(self.folder, 'clean-*.npy'))):
            if path not in self.shards:
                self.shards[path] = (np.load(path), np.load(path.replace('clean-', 'degraded-')))
        self.list = list(self.shards.values())
        if not self.list:
            raise SystemExit(f'no clean-*.npy in {self.folder}: run writeDataset.ts first')

    def pictures(self, array, flip):
        array = torch.from_numpy(np.ascontiguousarray(array)).permute(0, 3, 1, 2).float() / 255
        return torch.where(torch.from_numpy(flip)[:, None, None, None], array.flip(-1), array)

    def batch(self, size, with_degraded):
        rows = [(self.random.integers(len(self.list)), self.random.integers(1 << 30)) for _ in range(size)]
        flip = self.random.random(size) < 0.5
        clean, degraded = zip(*((c[i % len(c)], d[i % len(c), self.random.integers(d.shape[1])]) for c, d, i in ((*self.list[k], i) for k, i in rows)))
        return self.pictures(np.stack(clean), flip), self.pictures(np.stack(degraded), flip) if with_degraded else None


def backbone_loss(network, faces, args):
    clean, degraded = faces.batch(args.batch, True)
    return {'mse': F.mse_loss(network(degraded).float(), clean)}


def denoiser_loss(network, faces, args):
    """Noise prediction (Ho et al. 2020, eq. 14); the variance head learns the true posterior's log-variance from the error it leaves."""
    clean, _ = faces.batch(args.batch, False)
    x0 = clean * 2 - 1
    # Only steps below the start are ever used; a few above keep the edge sound.
    t = faces.random.integers(0, args.last_step, args.batch)
    spread = faces.random.random(args.batch) < 0.03
    t = np.where(spread, faces.random.integers(0, 1000, args.batch), t)
    alpha_bar = torch.tensor(ALPHA_BAR[t], dtype=torch.float32)[:, None, None, None]
    eps = torch.randn(x0.shape)
    x_t = alpha_bar.sqrt() * x0 + (1 - alpha_bar).sqrt() * eps
    out = network(x_t, torch.from_numpy(t)).float()
    pred_eps, value = out[:, :3], out[:, 3:]
    mse = F.mse_loss(pred_eps, eps)
    # Nichol and Dhariwal 2021, eq. 15: log-variance interpolated between the posterior's and beta.
    previous = np.where(t > 0, ALPHA_BAR[np.maximum(t - 1, 0)], 1.0)
    posterior = np.where(t > 0, BETA[t] * (1 - previous) / (1 - ALPHA_BAR[t]), BETA[1] * (1 - ALPHA_BAR[0]) / (1 - ALPHA_BAR[1]))
    low, high = (torch.tensor(np.log(v), dtype=torch.float32)[:, None, None, None] for v in (posterior, BETA[t]))
    log_variance = (value + 1) / 2 * (high - low) + low
    beta = torch.tensor(BETA[t], dtype=torch.float32)[:, None, None, None]
    mean_gap = beta / ((1 - beta).sqrt() * (1 - alpha_bar).sqrt()) * (eps - pred_eps.detach())
    kl = 0.5 * (log_variance - low + (low.exp() + mean_gap ** 2) / log_variance.exp() - 1)
    return {'mse': mse, 'vlb': 1e-3 * kl.mean()}


def save(path, state):
    torch.save(state, path + '.part')
    os.replace(path + '.part', path)


def train(args):
    torch.manual_seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    network = SwinIR(**BACKBONE) if args.what == 'backbone' else UNet(**DENOISER)
    loss_of = backbone_loss if args.what == 'backbone' else denoiser_loss
    decay = args.ema
    optimiser = torch.optim.AdamW(network.parameters(), lr=args.lr, betas=(0.9, 0.99), weight_decay=0.01 if args.what == 'denoiser' else 0)
    average = copy.deepcopy(network).requires_grad_(False)
    os.makedirs(args.out, exist_ok=True)
    path = os.path.join(args.out, args.what + '.pt')
    iteration, spent = 0, 0.0
    if os.path.exists(path):
        state = torch.load(path, map_location='cpu')
        network.load_state_dict(state['network'])
        average.load_state_dict(state['average'])
        optimiser.load_state_dict(state['optimiser'])
        iteration, spent = state['iteration'], 0.0 if args.restart_schedule else state['spent']
        print(f'goes on from iteration {iteration}', flush=True)
    elif args.init:
        weights = torch.load(os.path.join(args.init, args.what + '.pth'), map_location='cpu')
        for model in (network, average):
            model.load_state_dict({name: value.float() for name, value in weights.items()})
        print(f'begins with the exported weights in {args.init}', flush=True)
    faces = Faces(args.data, args.seed + iteration)
    torch.manual_seed(args.seed + iteration)
    began, saved, sums, count = time.time() - spent, time.time(), {}, 0
    while True:
        spent = time.time() - began
        done = spent / (args.minutes * 60)
        if done >= 1:
            break
        warm = min(1.0, (iteration + 1) / 100)
        for group in optimiser.param_groups:
            group['lr'] = args.lr * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=not args.fp32):
            losses = loss_of(network, faces, args)
        optimiser.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        iteration += 1
        with torch.no_grad():
            keep = min(decay, (1 + iteration) / (10 + iteration))
            for mean, now in zip(average.parameters(), network.parameters()):
                mean.lerp_(now, 1 - keep)
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + value.item()
        count += 1
        if iteration % 100 == 0:
            report = ' '.join(f'{name} {value / count:.5f}' for name, value in sums.items())
            print(f'iteration {iteration} {report} lr {optimiser.param_groups[0]["lr"]:.2e} {spent / 60:.1f} min', flush=True)
            sums, count = {}, 0
            faces.look()
        if time.time() - saved > 120:
            save(path, dict(network=network.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), iteration=iteration, spent=spent))
            saved = time.time()
    save(path, dict(network=network.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), iteration=iteration, spent=spent))
    print(f'finished at iteration {iteration}', flush=True)


def export(args):
    """Writes the averaged weights in half precision, as plain state dicts."""
    os.makedirs(args.model, exist_ok=True)
    for what in ('backbone', 'denoiser'):
        path = os.path.join(args.out, what + '.pt')
        if not os.path.exists(path):
            continue
        state = torch.load(path, map_location='cpu')
        weights = {name: value.half() for name, value in state['average'].items()}
        torch.save(weights, os.path.join(args.model, what + '.pth'))
        print(what, 'iteration', state['iteration'], sum(v.numel() for v in weights.values()), 'parameters')
    print(json.dumps(dict(backbone=BACKBONE, denoiser=DENOISER)))


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', choices=['backbone', 'denoiser', 'export'])
    parser.add_argument('--data')
    parser.add_argument('--out', required=True)
    parser.add_argument('--model')
    parser.add_argument('--minutes', type=float, default=30)
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--lr', type=float, default=6e-4)
    parser.add_argument('--ema', type=float, default=0.999)
    parser.add_argument('--last-step', type=int, default=340)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=0)
    parser.add_argument('--fp32', action='store_true')
    parser.add_argument('--init', help='folder with exported weights to begin with where there is no checkpoint')
    parser.add_argument('--restart-schedule', action='store_true')
    arguments = parser.parse_args()
    export(arguments) if arguments.what == 'export' else train(arguments)
