#!/usr/bin/env python3
"""Writes networks with random weights as ONNX files, for coverage and equality of whole networks (docs/networks.md).

    bench/export_networks.py --list
    bench/export_networks.py FOLDER [NAME...] [--keep-batch-norm] [--open-batch]

Needs PyTorch and torchvision (Debian: python3-torch, python3-torchvision); nothing is downloaded. Names are torchvision's
own, `retinanet_heads` (its RetinaNet without the choice of boxes at the end), and gpt2, bert, llama of
bench/transformer_models.py; without a name, all of the list. Scales, shifts and biases are random too, and statistics of
BatchNormalization are those of random images, so that every channel matters to the output and differs from its
neighbours. Exporters fold BatchNormalization into convolutions unless --keep-batch-norm is given.
"""

import argparse
import os
import sys
import warnings

import torch
import torchvision
from torch import nn

import transformer_models

CLASSIFIERS = """alexnet convnext_tiny densenet121 densenet161 efficientnet_b0 efficientnet_v2_s googlenet inception_v3
maxvit_t mnasnet1_0 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small regnet_y_400mf resnet34 resnet50 resnet101
resnext50_32x4d resnext101_32x8d shufflenet_v2_x1_0 squeezenet1_0 squeezenet1_1 swin_t vgg16 vgg19 vit_b_16
wide_resnet50_2""".split()
SEGMENTERS = ["fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"]
DETECTORS = ["retinanet_heads", "retinanet_resnet50_fpn"]
TRANSFORMERS = {"gpt2": transformer_models.Gpt2, "bert": transformer_models.Bert, "llama": transformer_models.Llama}
NAMES = CLASSIFIERS + SEGMENTERS + DETECTORS + list(TRANSFORMERS)


class RetinaNetHeads(nn.Module):
    """Backbone, feature pyramid and heads: a network without thresholds, whose outputs can be compared."""

    def __init__(self, detector):
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, images):
        found = self.head(list(self.backbone(images).values()))
        return found["cls_logits"], found["bbox_regression"]


class FirstImage(nn.Module):
    """A detector takes a list of images and returns dictionaries; tensors in and out instead."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, image):
        found = self.detector([image])[0]
        return found["boxes"], found["scores"], found["labels"]


def make(name):
    """The network and an example of its inputs."""
    if name in TRANSFORMERS:
        tokens = torch.randint(0, 512, (1, 32))
        example = (tokens, torch.randint(0, 2, (1, 32)), torch.ones(1, 32, dtype=torch.int64)) if name == "bert" else (tokens,)
        return TRANSFORMERS[name](), example
    if name in DETECTORS:
        detector = torchvision.models.detection.retinanet_resnet50_fpn(
            weights=None, weights_backbone=None, min_size=256, max_size=256, score_thresh=0.0)
        return (RetinaNetHeads(detector), (torch.randn(1, 3, 256, 256),)) if name == "retinanet_heads" else (
            FirstImage(detector), (torch.rand(3, 256, 256),))
    options = {"weights": None}
    if name in ("googlenet", "inception_v3"):
        options.update(init_weights=True, aux_logits=False)
    if name in SEGMENTERS:
        options["weights_backbone"] = None
        return getattr(torchvision.models.segmentation, name)(**options), (torch.randn(1, 3, 224, 224),)
    size = 299 if name == "inception_v3" else 224
    return getattr(torchvision.models, name)(**options), (torch.randn(1, 3, size, size),)


def is_normalisation(module):
    return "Norm" in type(module).__name__


@torch.no_grad()
def randomise(network, example):
    """Random scales and shifts; statistics of BatchNormalization from the example."""
    for module in network.modules():
        for key, parameter in module.named_parameters(recurse=False):
            if (is_normalisation(module) and key == "weight") or key == "layer_scale":
                parameter.uniform_(0.5, 1.5)
            elif parameter.dim() == 1:
                parameter.normal_(0, 0.1)
    network.eval()
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = None  # the average of what it sees
            module.reset_running_stats()
            module.train()
        elif "FrozenBatchNorm" in type(module).__name__:
            for statistic, value in (("weight", 0.5), ("bias", -0.05), ("running_mean", -0.05), ("running_var", 0.5)):
                getattr(module, statistic).uniform_(value, value + (1 if value > 0 else 0.1))
    network(*(torch.cat([x, torch.randn_like(x), torch.randn_like(x)]) if x.is_floating_point() and x.dim() == 4 else x
              for x in example))
    network.eval()


def export(name, path, keep_batch_norm, open_batch):
    torch.manual_seed(1)
    network, example = make(name)
    randomise(network, example)
    mode = torch.onnx.TrainingMode.PRESERVE if keep_batch_norm else torch.onnx.TrainingMode.EVAL
    inputs = [f"input{i}" for i in range(len(example))] if len(example) > 1 else ["input"]
    axes = {key: {0: "batch"} for key in inputs} if open_batch else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing
        torch.onnx.export(network, example, path, opset_version=16, input_names=inputs, training=mode, dynamic_axes=axes,
                          do_constant_folding=not keep_batch_norm)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="print all names")
    parser.add_argument("--keep-batch-norm", action="store_true", help="keep BatchNormalization as an operation")
    parser.add_argument("--open-batch", action="store_true", help="leave the number of inputs open")
    options = parser.parse_intermixed_args()
    if options.list:
        print("\n".join(NAMES))
        return 0
    unknown = [name for name in options.names if name not in NAMES]
    if options.folder is None or unknown:
        print(f"export_networks.py: {unknown or 'no folder'} (expected a folder and names of --list)", file=sys.stderr)
        return 2
    os.makedirs(options.folder, exist_ok=True)
    for name in options.names or NAMES:
        path = os.path.join(options.folder, name + ".onnx")
        export(name, path, options.keep_batch_norm, options.open_batch)
        print(path, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
