"""Restores a whole picture with PyTorch and OpenCV, given landmarks, noise and weights: the other side of endToEnd.ts.

    /usr/bin/python3 test/parity/torchWholeImage.py JOB_JSON

Written from the published descriptions of the networks and from measured behaviour of the reference; shares no code with the product. UNet and SwinIR are those of
samples/training/networks.py.
"""
import json
import math
import os
import sys

import cv2
import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'samples', 'training'))
from networks import SwinIR, UNet  # noqa: E402

TEMPLATE = np.array([[192.98138, 239.94708], [318.90277, 240.1936], [256.63416, 314.01935], [201.26117, 371.41043], [313.08905, 371.15118]])
KEPT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]


def load(network, path):
    missing, unexpected = network.load_state_dict(torch.load(path), strict=False)
    assert not missing, missing
    assert all(key.endswith(('attn_mask', 'relative_position_index')) for key in unexpected), unexpected
    return network.eval()


def tensor_of(bgr):
    return torch.from_numpy(np.ascontiguousarray(bgr[:, :, ::-1]).astype(np.float32) / 255).permute(2, 0, 1)[None]


def bgr_of(tensor):
    return np.round(tensor[0].permute(1, 2, 0).numpy()[:, :, ::-1] * 255).astype(np.uint8)


class ParseNet:
    def __init__(self, weights):
        self.w = weights

    def layer(self, key, x, stride=1, up=False, active=False):
        if up:
            x = F.interpolate(x, scale_factor=2, mode='nearest')
        x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode='reflect'), self.w[key + '.conv2d.weight'], self.w.get(key + '.conv2d.bias'), stride=stride)
        norm = key + '.norm.norm.'
        if norm + 'weight' in self.w:
            x = F.batch_norm(x, *(self.w[norm + name] for name in ('running_mean', 'running_var', 'weight', 'bias')), eps=1e-5)
        return F.leaky_relu(x, 0.2) if active else x

    def block(self, key, x, stride=1, up=False):
        short = self.layer(key + '.shortcut_func', x, stride, up) if key + '.shortcut_func.conv2d.weight' in self.w else x
        return short + self.layer(key + '.conv2', self.layer(key + '.conv1', x, up=up, active=True), stride)

    def count(self, part):
        return 1 + max(int(key.split('.')[1]) for key in self.w if key.startswith(part + '.'))

    def __call__(self, x):
        x = self.layer('encoder.0', x)
        for i in range(1, self.count('encoder')):
            x = self.block(f'encoder.{i}', x, stride=2)
        y = x
        for i in range(self.count('body')):
            y = self.block(f'body.{i}', y)
        x = x + y
        for i in range(self.count('decoder')):
            x = self.block(f'decoder.{i}', x, up=True)
        return self.layer('out_mask_conv', x)


class RrdbNet:
    def __init__(self, weights):
        self.w = weights.get('params_ema', weights)

    def conv(self, key, x):
        return F.conv2d(x, self.w[key + '.weight'], self.w[key + '.bias'], padding=1)

    def __call__(self, x):
        first = self.conv('conv_first', F.pixel_unshuffle(x, 2))
        y = first
        for i in range(1 + max(int(key.split('.')[1]) for key in self.w if key.startswith('body.'))):
            z = y
            for j in (1, 2, 3):
                seen = [z]
                for k in (1, 2, 3, 4):
                    seen.append(F.leaky_relu(self.conv(f'body.{i}.rdb{j}.conv{k}', torch.cat(seen, 1)), 0.2))
                z = self.conv(f'body.{i}.rdb{j}.conv5', torch.cat(seen, 1)) * 0.2 + z
            y = z * 0.2 + y
        y = first + self.conv('conv_body', y)
        for key in ('conv_up1', 'conv_up2'):
            y = F.leaky_relu(self.conv(key, F.interpolate(y, scale_factor=2, mode='nearest')), 0.2)
        return self.conv('conv_last', F.leaky_relu(self.conv('conv_hr', y), 0.2))


def enlarged(picture, network, tile=400, pad=10):
    x = tensor_of(picture)
    height, width = picture.shape[:2]
    x = F.pad(x, (0, width % 2, 0, height % 2), mode='reflect')
    rows, columns = x.shape[2:]
    out = torch.zeros(1, 3, 2 * rows, 2 * columns)
    for top in range(0, rows, tile):
        for left in range(0, columns, tile):
            bottom, right = min(top + tile, rows), min(left + tile, columns)
            up, before = max(top - pad, 0), max(left - pad, 0)
            part = network(x[:, :, up:min(bottom + pad, rows), before:min(right + pad, columns)])
            out[:, :, 2 * top:2 * bottom, 2 * left:2 * right] = part[:, :, 2 * (top - up):2 * (bottom - up), 2 * (left - before):2 * (right - before)]
            print(f'background {left},{top}', file=sys.stderr, flush=True)
    return bgr_of(out[:, :, :2 * height, :2 * width].clamp(0, 1))


def restored(crops, noise, job):
    """All crops as one batch: SwinIR, then DDIM over the respaced chain from index start - 1 to 0."""
    params = job['params']
    kept = list(range(0, 1000, 1000 // 250))
    alpha_bar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))[kept].tolist()
    start, eta = job['start'], job['eta']
    backbone = load(SwinIR(**params['swinir']), job['weights']['swinir'])
    estimate = torch.cat([backbone(crop) for crop in crops]).clamp(0, 1)
    del backbone
    x = math.sqrt(alpha_bar[start]) * ((estimate - 0.5) / 0.5) + math.sqrt(1 - alpha_bar[start]) * noise[0]
    unet = load(UNet(**params['unet']), job['weights']['unet'])
    for j, i in enumerate(range(start - 1, -1, -1)):
        print(f'step {j + 1} of {start}', file=sys.stderr, flush=True)
        x = x.float()
        eps = torch.cat([unet(one[None], torch.tensor([kept[i]])) for one in x])[:, :3]
        here, before = alpha_bar[i], alpha_bar[i - 1] if i else 1.0
        x0 = (x / math.sqrt(here) - math.sqrt(1 / here - 1) * eps).clamp(-1, 1)
        sigma = eta * math.sqrt((1 - before) / (1 - here)) * math.sqrt(1 - here / before)
        x = math.sqrt(before) * x0 + math.sqrt(max(0, 1 - before - sigma ** 2)) * eps
        if i:
            x = x + sigma * noise[1 + j]
    return [(one[None] * 0.5 + 0.5).clamp(0, 1) for one in x.float()]


def paste(picture, face, affine, parser, upscale):
    height, width = picture.shape[:2]
    inverse = cv2.invertAffineTransform(affine) * upscale
    if upscale > 1:
        inverse[:, 2] += 0.5 * upscale
    warp = lambda plane: cv2.warpAffine(plane, inverse, (width, height))  # noqa: E731
    inside = cv2.erode(warp(np.ones(face.shape[:2], np.float32)), np.ones((2 * upscale, 2 * upscale), np.uint8))
    edge = int(inside.sum(dtype=np.float64) ** 0.5) // 20
    soft = cv2.GaussianBlur(cv2.erode(inside, np.ones((2 * edge, 2 * edge), np.uint8)), (2 * edge + 1, 2 * edge + 1), 0)
    labels = parser((tensor_of(face) - 0.5) / 0.5).argmax(1)[0].numpy()
    mask = np.isin(labels, KEPT).astype(np.float64) * 255
    for _ in range(2):
        mask = cv2.GaussianBlur(mask, (101, 101), 11)
    mask[:10], mask[-10:], mask[:, :10], mask[:, -10:] = 0, 0, 0, 0
    weight = np.minimum(warp(mask / 255), soft)[:, :, None]
    return weight * (inside[:, :, None] * warp(face)) + (1 - weight) * picture


def main():
    with open(sys.argv[1]) as file:
        job = json.load(file)
    torch.set_grad_enabled(False)
    torch.set_num_threads(2)
    picture = cv2.imread(job['picture'])
    assert min(picture.shape[:2]) >= 512, 'smaller pictures are enlarged first'
    affines = [cv2.estimateAffinePartial2D(np.array(points), TEMPLATE, method=cv2.LMEDS)[0] for points in job['landmarks']]
    crops = [tensor_of(cv2.warpAffine(picture, affine, (512, 512), borderMode=cv2.BORDER_CONSTANT, borderValue=(135, 133, 132))) for affine in affines]
    noise = torch.from_numpy(np.fromfile(job['noise'], np.float32).reshape(-1, len(crops), 3, 512, 512))
    faces = [bgr_of(face) for face in restored(crops, noise, job)]
    result = enlarged(picture, RrdbNet(torch.load(job['weights']['rrdbnet']))).astype(np.float64)
    parser = ParseNet(torch.load(job['weights']['parsenet']))
    for face, affine in zip(faces, affines):
        result = paste(result, face, affine, parser, 2)
    cv2.imwrite(job['result'], result.astype(np.uint8))


main()
