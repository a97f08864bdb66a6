"""Writing .safetensors files (https://github.com/huggingface/safetensors describes the format)."""

from __future__ import annotations

import json
import os
import struct
import tempfile
from typing import Any, Mapping

import numpy as np
import numpy.typing as npt

from . import _arguments as arguments
from ._arguments import PathLike


def write_float32(path: PathLike, tensors: Mapping[str, npt.NDArray[Any]]) -> None:
    """Writes all tensors as F32, whole or not at all. Raises OSError."""
    target = arguments.output_path(path)
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.size
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(target) or ".", prefix=".nmperm-", suffix=".tmp")
    try:
        with open(descriptor, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for tensor in tensors.values():
                file.write(np.ascontiguousarray(tensor, dtype="<f4").data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
