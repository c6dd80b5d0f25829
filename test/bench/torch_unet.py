"""Times the same networks in PyTorch, straight from a checkpoint's tensors: the other side of unetCall.ts.

Usage: python3 torch_unet.py unet|swinir CHECKPOINT PARAMS_JSON INPUT_F32 OUTPUT_F32 SIDE THREADS
Answers every line on standard input with the seconds of one call; the first call also writes the output.
"""
import json
import math
import sys
import time

import torch
import torch.nn.functional as F


class Network:
    def __init__(self, weights, params):
        self.w = weights
        self.p = params

    def conv(self, key, x, **options):
        weight = self.w[key + '.weight']
        return F.conv2d(x, weight, self.w[key + '.bias'], padding=weight.shape[-1] // 2, **options)

    def linear(self, key, x):
        return F.linear(x, self.w[key + '.weight'], self.w.get(key + '.bias'))

    def has(self, key):
        return key + '.weight' in self.w


class Unet(Network):
    def group_norm(self, key, x):
        return F.group_norm(x, 32, self.w[key + '.weight'], self.w[key + '.bias'], 1e-5)

    def res_block(self, key, x, emb):
        h = self.conv(key + '.in_layers.2', F.silu(self.group_norm(key + '.in_layers.0', x)))
        scale, shift = self.linear(key + '.emb_layers.1', F.silu(emb))[:, :, None, None].chunk(2, 1)
        h = self.group_norm(key + '.out_layers.0', h) * (1 + scale) + shift
        h = self.conv(key + '.out_layers.3', F.silu(h))
        skip = key + '.skip_connection'
        return (self.conv(skip, x) if self.has(skip) else x) + h

    def attention(self, key, x):
        b, c, height, width = x.shape
        d = self.p['num_head_channels']
        tokens = self.group_norm(key + '.norm', x).flatten(2)
        qkv = F.conv1d(tokens, self.w[key + '.qkv.weight'], self.w[key + '.qkv.bias'])
        q, k, v = qkv.reshape(b * c // d, 3 * d, -1).chunk(3, 1)
        attention = (q.transpose(1, 2) @ k / math.sqrt(d)).softmax(-1)
        out = (v @ attention.transpose(1, 2)).reshape(b, c, -1)
        out = F.conv1d(out, self.w[key + '.proj_out.weight'], self.w[key + '.proj_out.bias'])
        return x + out.reshape(x.shape)

    def stage(self, key, x, emb):
        for i in range(3):
            part = f'{key}.{i}'
            if self.has(part + '.in_layers.0'):
                x = self.res_block(part, x, emb)
            elif self.has(part + '.qkv'):
                x = self.attention(part, x)
            elif self.has(part + '.op'):
                x = self.conv(part + '.op', x, stride=2)
            elif self.has(part + '.conv'):
                x = self.conv(part + '.conv', F.interpolate(x, scale_factor=2, mode='nearest'))
            elif self.has(part):
                x = self.conv(part, x)
        return x

    def indices(self, prefix):
        return range(1 + max(int(key.split('.')[1]) for key in self.w if key.startswith(prefix)))

    def forward(self, x):
        half = self.p['model_channels'] // 2
        angle = 396 * torch.exp(-math.log(10000) * torch.arange(half) / half)[None]
        emb = self.linear('time_embed.0', torch.cat([angle.cos(), angle.sin()], 1))
        emb = self.linear('time_embed.2', F.silu(emb))
        skips = []
        for i in self.indices('input_blocks.'):
            x = self.stage(f'input_blocks.{i}', x, emb)
            skips.append(x)
        x = self.stage('middle_block', x, emb)
        for i in self.indices('output_blocks.'):
            x = self.stage(f'output_blocks.{i}', torch.cat([x, skips.pop()], 1), emb)
        return self.conv('out.2', F.silu(self.group_norm('out.0', x)))


class SwinIR(Network):
    def layer_norm(self, key, x):
        return F.layer_norm(x, x.shape[-1:], self.w[key + '.weight'], self.w[key + '.bias'], 1e-5)

    def prepare(self, h, w):
        n = self.p['window_size']
        y, x = torch.meshgrid(torch.arange(n), torch.arange(n), indexing='ij')
        y, x = y.flatten(), x.flatten()
        index = (y[:, None] - y + n - 1) * (2 * n - 1) + x[:, None] - x + n - 1
        self.bias = {key: table[index].permute(2, 0, 1) for key, table in self.w.items() if key.endswith('bias_table')}
        s = n // 2
        band = lambda size: (torch.arange(size) >= size - n).long() + (torch.arange(size) >= size - s)
        region = (3 * band(h)[:, None] + band(w)).reshape(1, h, w, 1).float()
        region = self.windows(region)[..., 0]
        self.mask = (region[:, :, None] != region[:, None]).float()[:, None] * -100

    def windows(self, x):
        n = self.p['window_size']
        b, h, w, c = x.shape
        return x.reshape(b, h // n, n, w // n, n, c).transpose(2, 3).reshape(-1, n * n, c)

    def block(self, key, x, heads, shift):
        b, h, w, c = x.shape
        n = self.p['window_size']
        t = self.windows(self.layer_norm(key + '.norm1', x).roll((-shift, -shift), (1, 2)))
        q, k, v = self.linear(key + '.attn.qkv', t).reshape(-1, n * n, 3, heads, c // heads).permute(2, 0, 3, 1, 4)
        logits = (q * (c // heads) ** -0.5) @ k.transpose(-2, -1) + self.bias[key + '.attn.relative_position_bias_table']
        if shift:
            logits = logits + self.mask
        t = (logits.softmax(-1) @ v).transpose(1, 2).reshape(-1, n * n, c)
        t = self.linear(key + '.attn.proj', t).reshape(b, h // n, w // n, n, n, c).transpose(2, 3).reshape(x.shape)
        x = x + t.roll((shift, shift), (1, 2))
        hidden = F.gelu(self.linear(key + '.mlp.fc1', self.layer_norm(key + '.norm2', x)))
        return x + self.linear(key + '.mlp.fc2', hidden)

    def forward(self, x):
        mean = torch.tensor([0.4488, 0.4371, 0.4040]).reshape(1, 3, 1, 1)
        shallow = self.conv('conv_first.1', F.pixel_unshuffle(x - mean, self.p['sf']))
        x = self.layer_norm('patch_embed.norm', shallow.permute(0, 2, 3, 1))
        for i, (depth, heads) in enumerate(zip(self.p['depths'], self.p['num_heads'])):
            y = x
            for j in range(depth):
                y = self.block(f'layers.{i}.residual_group.blocks.{j}', y, heads, j % 2 * (self.p['window_size'] // 2))
            x = x + self.conv(f'layers.{i}.conv', y.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        x = self.conv('conv_after_body', self.layer_norm('norm', x).permute(0, 3, 1, 2)) + shallow
        x = F.leaky_relu(self.conv('conv_before_upsample.0', x), 0.01)
        for i in range(3):
            x = F.leaky_relu(self.conv(f'conv_up{i + 1}', F.interpolate(x, scale_factor=2, mode='nearest')), 0.2)
        return self.conv('conv_last', F.leaky_relu(self.conv('conv_hr', x), 0.2)) + mean


def main():
    architecture, checkpoint, params, source, target, side, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    side = int(side)
    x = torch.frombuffer(bytearray(open(source, 'rb').read()), dtype=torch.float32).reshape(1, 3, side, side)
    network = (Unet if architecture == 'unet' else SwinIR)(torch.load(checkpoint), json.loads(params))
    if architecture == 'swinir':
        network.prepare(side // network.p['sf'], side // network.p['sf'])
    first = True
    for _ in sys.stdin:
        start = time.perf_counter()
        out = network.forward(x)
        seconds = time.perf_counter() - start
        if first:
            out.contiguous().numpy().tofile(target)
        first = False
        print(f'{seconds:.4f}', flush=True)


main()
