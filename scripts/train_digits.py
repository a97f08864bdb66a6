#!/usr/bin/env python3
"""Trains the small network whose weights ship in instances/digits.

The data are scikit-learn's handwritten digits (1797 images of 8 x 8, UCI "Optical Recognition of Handwritten
Digits", DOI 10.24432/C50P49). The input channels of the layers are 1, 16, 32, 64, 128 and 64, so that every
layer but the first is an instance for a pattern such as 2:4, from 16 columns (which exact methods solve) to 128.

Needs Debian's python3-torch and python3-sklearn (scripts/install_debian.sh train). One thread, about half a
minute. The seed fixes every random choice; another processor or version of PyTorch may still round differently,
and then the weights differ while the accuracy stays about the same.
"""

import argparse
import json
import os
import struct

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

SEED = 0
EPOCHS = 40
BATCH_SIZE = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
DEFAULT_OUTPUT = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "instances", "digits", "digits_cnn.safetensors"
)


class DigitsCnn(nn.Module):
    """Four 3 x 3 convolutions, global average pooling, two linear layers; ReLU in between."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 128, 3, padding=1)
        self.fc1 = nn.Linear(128, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, images):
        x = torch.relu(self.conv1(images))
        x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.conv3(x)), 2)
        x = torch.relu(self.conv4(x)).mean(dim=(2, 3))
        return self.fc2(torch.relu(self.fc1(x)))


def load_split():
    """Training and test images [n, 1, 8, 8] in 0..1, with labels: 80 % and 20 %, the digits in equal shares."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16.0).astype(np.float32).reshape(-1, 1, 8, 8)
    parts = train_test_split(images, labels, test_size=0.2, random_state=SEED, stratify=labels)
    return [torch.from_numpy(part) for part in parts]


def train(model, images, labels):
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * ((len(images) + BATCH_SIZE - 1) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for epoch in range(EPOCHS):
        model.train()
        total_loss = 0.0
        for batch in torch.randperm(len(images)).split(BATCH_SIZE):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            total_loss += loss.item() * len(batch)
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1:3d}  training loss {total_loss / len(images):.5f}")


def correct_count(model, images, labels):
    model.eval()
    with torch.no_grad():
        return int((model(images).argmax(dim=1) == labels).sum())


def write_safetensors(path, tensors, metadata):
    """Writes float32 arrays: header length (u64, little endian), JSON header padded to 8 bytes, then the data."""
    header, data = {"__metadata__": metadata}, b""
    for name, array in tensors.items():
        raw = np.ascontiguousarray(array, dtype="<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    temporary = path + ".tmp"
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default=DEFAULT_OUTPUT, help="safetensors file to write (default: %(default)s)")
    output = parser.parse_args().output

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    train_images, test_images, train_labels, test_labels = load_split()
    model = DigitsCnn()
    train(model, train_images, train_labels)

    correct = correct_count(model, test_images, test_labels)
    tensors = {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}
    metadata = {
        "data": "scikit-learn load_digits (UCI, DOI 10.24432/C50P49, CC BY 4.0)",
        "made_by": "scripts/train_digits.py",
        "test_correct": f"{correct} of {len(test_labels)}",
    }
    write_safetensors(output, tensors, metadata)
    print(f"test accuracy {100.0 * correct / len(test_labels):.2f} % ({correct} of {len(test_labels)})")
    for name, tensor in tensors.items():
        print(f"  {name:13s} {'x'.join(map(str, tensor.shape))}")
    print(f"wrote {output} ({os.path.getsize(output)} bytes)")


if __name__ == "__main__":
    main()
