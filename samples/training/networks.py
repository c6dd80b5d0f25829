"""The two networks of the sample model in PyTorch, for training only.

Written from their published descriptions; parameter names are those of the published checkpoints, so that the
product's own classes (kernel/models) read what is trained here.
  UNet:   Dhariwal and Nichol, "Diffusion Models Beat GANs on Image Synthesis", 2021 (ADM)
  SwinIR: Liang et al., "SwinIR: Image Restoration Using Swin Transformer", 2021
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class GroupNorm(nn.GroupNorm):
    """Normalises in float32, whatever autocast does around it."""

    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            return F.group_norm(x.float(), self.num_groups, self.weight, self.bias, self.eps).to(x.dtype)


class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            return F.layer_norm(x.float(), self.normalized_shape, self.weight, self.bias, self.eps).to(x.dtype)


def nearest_doubled(x):
    """Nearest-neighbour upsampling by 2; several times faster backwards on a CPU than `interpolate`."""
    b, c, h, w = x.shape
    return x[:, :, :, None, :, None].expand(b, c, h, 2, w, 2).reshape(b, c, 2 * h, 2 * w)


def timestep_embedding(t, channels):
    """(B,) -> (B, channels): cosines first, then sines."""
    half = channels // 2
    frequencies = torch.exp(-math.log(10000.0) * torch.arange(half, dtype=torch.float32, device=t.device) / half)
    angles = t.float()[:, None] * frequencies[None]
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class ResBlock(nn.Module):
    def __init__(self, channels, emb_channels, out_channels):
        super().__init__()
        self.in_layers = nn.Sequential(GroupNorm(32, channels), nn.SiLU(), nn.Conv2d(channels, out_channels, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(emb_channels, 2 * out_channels))
        self.out_layers = nn.Sequential(GroupNorm(32, out_channels), nn.SiLU(), nn.Identity(), nn.Conv2d(out_channels, out_channels, 3, padding=1))
        nn.init.zeros_(self.out_layers[3].weight)
        nn.init.zeros_(self.out_layers[3].bias)
        self.skip_connection = nn.Identity() if channels == out_channels else nn.Conv2d(channels, out_channels, 1)

    def forward(self, x, emb):
        h = self.in_layers(x)
        scale, shift = self.emb_layers(emb)[:, :, None, None].chunk(2, dim=1)
        h = self.out_layers[0](h) * (1 + scale) + shift
        for layer in self.out_layers[1:]:
            h = layer(h)
        return self.skip_connection(x) + h


class AttentionBlock(nn.Module):
    def __init__(self, channels, head_channels):
        super().__init__()
        self.heads = channels // head_channels
        self.norm = GroupNorm(32, channels)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)
        nn.init.zeros_(self.proj_out.weight)
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, x, emb=None):
        b, c, h, w = x.shape
        qkv = self.qkv(self.norm(x.flatten(2))).view(b * self.heads, 3 * c // self.heads, h * w)
        q, k, v = qkv.chunk(3, dim=1)                                   # per head: q, k, v (the legacy order)
        weight = torch.softmax(torch.einsum('bct,bcs->bts', q * (q.shape[1] ** -0.5), k).float(), dim=-1).to(v.dtype)
        out = torch.einsum('bts,bcs->bct', weight, v).reshape(b, c, h * w)
        return x + self.proj_out(out).view(b, c, h, w)


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x, emb=None):
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, emb=None):
        return self.conv(nearest_doubled(x))


class InputConv(nn.Conv2d):
    def forward(self, x, emb=None):
        return super().forward(x)


class Stage(nn.ModuleList):
    def forward(self, x, emb):
        for layer in self:
            x = layer(x, emb)
        return x


class UNet(nn.Module):
    """(B, 3, H, W), (B,) -> (B, 6, H, W): predicted noise, then the variance value."""

    def __init__(self, image_size, in_channels, model_channels, out_channels, channel_mult, num_res_blocks, attention_resolutions, num_head_channels, **_):
        super().__init__()
        self.model_channels = model_channels
        emb_channels = 4 * model_channels
        self.time_embed = nn.Sequential(nn.Linear(model_channels, emb_channels), nn.SiLU(), nn.Linear(emb_channels, emb_channels))
        channels = model_channels * channel_mult[0]
        self.input_blocks = nn.ModuleList([Stage([InputConv(in_channels, channels, 3, padding=1)])])
        skips, size = [channels], image_size

        def block(cin, cout):
            layers = [ResBlock(cin, emb_channels, cout)]
            if size in attention_resolutions:
                layers.append(AttentionBlock(cout, num_head_channels))
            return layers

        for level, mult in enumerate(channel_mult):
            for _ in range(num_res_blocks[level]):
                self.input_blocks.append(Stage(block(channels, model_channels * mult)))
                channels = model_channels * mult
                skips.append(channels)
            if level != len(channel_mult) - 1:
                self.input_blocks.append(Stage([Downsample(channels)]))
                skips.append(channels)
                size //= 2
        self.middle_block = Stage([ResBlock(channels, emb_channels, channels), AttentionBlock(channels, num_head_channels), ResBlock(channels, emb_channels, channels)])
        self.output_blocks = nn.ModuleList()
        for level, mult in reversed(list(enumerate(channel_mult))):
            for i in range(num_res_blocks[level] + 1):
                layers = block(channels + skips.pop(), model_channels * mult)
                channels = model_channels * mult
                if level and i == num_res_blocks[level]:
                    layers.append(Upsample(channels))
                    size *= 2
                self.output_blocks.append(Stage(layers))
        self.out = nn.Sequential(GroupNorm(32, channels), nn.SiLU(), nn.Conv2d(channels, out_channels, 3, padding=1))
        nn.init.zeros_(self.out[2].weight)
        nn.init.zeros_(self.out[2].bias)

    def forward(self, x, t):
        emb = self.time_embed(timestep_embedding(t, self.model_channels))
        skips = []
        for stage in self.input_blocks:
            x = stage(x, emb)
            skips.append(x)
        x = self.middle_block(x, emb)
        for stage in self.output_blocks:
            x = stage(torch.cat([x, skips.pop()], dim=1), emb)
        return self.out(x)


class WindowAttention(nn.Module):
    def __init__(self, dim, window, heads):
        super().__init__()
        self.window, self.heads = window, heads
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        y, x = torch.meshgrid(torch.arange(window), torch.arange(window), indexing='ij')
        y, x = y.flatten(), x.flatten()
        index = (y[:, None] - y[None] + window - 1) * (2 * window - 1) + (x[:, None] - x[None] + window - 1)
        self.register_buffer('index', index, persistent=False)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x, mask):
        n, length, c = x.shape                                           # windows, tokens, channels
        q, k, v = self.qkv(x).view(n, length, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        logits = (q * (c // self.heads) ** -0.5) @ k.transpose(-2, -1)
        logits = logits + self.relative_position_bias_table[self.index].permute(2, 0, 1)
        if mask is not None:
            count = mask.shape[0]
            logits = (logits.view(n // count, count, self.heads, length, length) + mask[None, :, None]).view(n, self.heads, length, length)
        return self.proj((logits.softmax(-1) @ v).transpose(1, 2).reshape(n, length, c))


class Mlp(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class SwinBlock(nn.Module):
    def __init__(self, dim, heads, window, shift, mlp_ratio):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm1, self.norm2 = LayerNorm(dim), LayerNorm(dim)
        self.attn = WindowAttention(dim, window, heads)
        self.mlp = Mlp(dim, int(dim * mlp_ratio))

    def mask(self, h, w, device):
        if not self.shift:
            return None
        row = torch.zeros(h, w, device=device)
        cut = lambda n: (slice(0, n - self.window), slice(n - self.window, n - self.shift), slice(n - self.shift, n))
        for i, ys in enumerate(cut(h)):
            for j, xs in enumerate(cut(w)):
                row[ys, xs] = 3 * i + j
        tokens = self.partition(row[None, :, :, None]).squeeze(-1)
        return torch.where(tokens[:, None, :] == tokens[:, :, None], 0.0, -100.0)

    def partition(self, x):
        b, h, w, c = x.shape
        x = x.view(b, h // self.window, self.window, w // self.window, self.window, c)
        return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, self.window ** 2, c)

    def forward(self, x):
        b, h, w, c = x.shape
        y = self.norm1(x)
        if self.shift:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
        y = self.attn(self.partition(y), self.mask(h, w, x.device))
        y = y.view(b, h // self.window, w // self.window, self.window, self.window, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)
        if self.shift:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y
        return x + self.mlp(self.norm2(x))


class Layer(nn.Module):
    def __init__(self, dim, depth, heads, window, mlp_ratio):
        super().__init__()
        self.residual_group = nn.Module()
        self.residual_group.blocks = nn.ModuleList(SwinBlock(dim, heads, window, 0 if j % 2 == 0 else window // 2, mlp_ratio) for j in range(depth))
        self.conv = nn.Conv2d(dim, dim, 3, padding=1)

    def forward(self, x):                                                # (B, h, w, C)
        y = x
        for block in self.residual_group.blocks:
            y = block(y)
        return x + self.conv(y.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class SwinIR(nn.Module):
    """(B, 3, H, W) in [0, 1] -> the same: the estimate of the clean face."""

    def __init__(self, embed_dim, depths, num_heads, window_size, mlp_ratio, sf, unshuffle_scale, **_):
        super().__init__()
        assert sf == unshuffle_scale
        self.register_buffer('mean', torch.tensor([0.4488, 0.4371, 0.4040]).view(1, 3, 1, 1), persistent=False)
        self.conv_first = nn.Sequential(nn.PixelUnshuffle(sf), nn.Conv2d(3 * sf * sf, embed_dim, 3, padding=1))
        self.patch_embed = nn.Module()
        self.patch_embed.norm = LayerNorm(embed_dim)
        self.layers = nn.ModuleList(Layer(embed_dim, depth, heads, window_size, mlp_ratio) for depth, heads in zip(depths, num_heads))
        self.norm = LayerNorm(embed_dim)
        self.conv_after_body = nn.Conv2d(embed_dim, embed_dim, 3, padding=1)
        self.conv_before_upsample = nn.Sequential(nn.Conv2d(embed_dim, 64, 3, padding=1), nn.LeakyReLU(0.01))
        self.doublings = int(math.log2(sf))
        for i in range(1, self.doublings + 1):
            setattr(self, f'conv_up{i}', nn.Conv2d(64, 64, 3, padding=1))
        self.conv_hr = nn.Conv2d(64, 64, 3, padding=1)
        self.conv_last = nn.Conv2d(64, 3, 3, padding=1)

    def forward(self, x):
        x = self.conv_first(x - self.mean)
        y = self.patch_embed.norm(x.permute(0, 2, 3, 1))
        for layer in self.layers:
            y = layer(y)
        f = self.conv_after_body(self.norm(y).permute(0, 3, 1, 2)) + x
        f = self.conv_before_upsample(f)
        for i in range(1, self.doublings + 1):
            f = F.leaky_relu(getattr(self, f'conv_up{i}')(nearest_doubled(f)), 0.2)
        return self.conv_last(F.leaky_relu(self.conv_hr(f), 0.2)) + self.mean
