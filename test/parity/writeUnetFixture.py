"""Writes test/parity/fixtures/unet-small: a UNet with random weights, an input, and what PyTorch computes for it.

    /usr/bin/python3 test/parity/writeUnetFixture.py [--check <folder with a recorded unet fixture>]

The network is samples/training/networks.py. --check runs it on weights and inputs recorded from the reference and prints the largest difference,
so that its numbers may stand for the reference's where that fixture is too large to ship.
"""
import argparse
import json
import os
import sys

import numpy as np
import torch

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', '..', 'samples', 'training'))
from networks import UNet  # noqa: E402

PARAMS = dict(image_size=32, in_channels=3, model_channels=32, out_channels=6, attention_resolutions=[16], dropout=0, channel_mult=[1, 2], num_res_blocks=[1, 1],
              conv_resample=True, dims=2, use_fp16=False, num_head_channels=32, use_scale_shift_norm=True, resblock_updown=False, use_new_attention_order=False)


def check(folder):
    with open(os.path.join(folder, 'unet.config.json')) as file:
        network = UNet(**json.load(file)['params'])
    network.load_state_dict(torch.load(os.path.join(folder, 'unet.pth')))
    x, t, out = (torch.from_numpy(np.load(os.path.join(folder, f'unet.{name}.npy'))) for name in ('x', 't', 'out'))
    with torch.no_grad():
        print('largest difference', (network(x, t) - out).abs().max().item())


def write(folder):
    torch.manual_seed(3)
    network = UNet(**PARAMS)
    with torch.no_grad():
        for parameter in network.parameters():                # nothing may stay at zero or one, or its use would not be tested
            parameter.add_(torch.randn_like(parameter) * (0.05 if parameter.dim() == 1 else 0.02))
    x, t = torch.randn(2, 3, 32, 32), torch.tensor([396, 17])
    with torch.no_grad():
        out = network(x, t)
    os.makedirs(folder, exist_ok=True)
    torch.save(network.state_dict(), os.path.join(folder, 'unet.pth'))
    with open(os.path.join(folder, 'unet.config.json'), 'w') as file:
        json.dump(dict(params=PARAMS), file, indent=1)
    for name, value in (('x', x), ('t', t), ('out', out)):
        np.save(os.path.join(folder, f'unet.{name}.npy'), value.numpy())


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('--check')
arguments = parser.parse_args()
check(arguments.check) if arguments.check else write(os.path.join(here, 'fixtures', 'unet-small'))
