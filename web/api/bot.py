"""The bot itself: try a question on it; the language model it reads with."""

from __future__ import annotations

from flask import g

from models.actions import reembedding, trials
from models.queries import knowledge_base as read
from models.queries import reembedding as models
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.knowledge import BotTrialBody, BotTrialOut, ModelBody, ModelsOut
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("bot", "The bot: a question tried on it, and the model it reads with")

READ, EDIT, MANAGE = may(Permission.CHAT_READ), may(Permission.DESK_EDIT), may(Permission.AGENT_MANAGE)


@route(bp, "POST", "/bot/trials", caller=READ, takes=BotTrialBody, gives=BotTrialOut, status=202)
def ask(question: str) -> Out:
    """Have the bot think about a question. Ask for the answer in half a second."""
    limits.count("bot_trial", str(g.viewer.id))
    return read.trial(g.viewer, trials.ask(g.viewer, question))


@route(bp, "GET", "/bot/trials/<int:trial_id>", caller=READ, gives=BotTrialOut)
def answer(trial_id: int) -> Out:
    """What the bot would say, once it has thought."""
    return read.trial(g.viewer, trial_id)


@route(bp, "GET", "/bot/models", caller=EDIT, gives=ModelsOut)
def language_models() -> Out:
    """Every language model there is, the one in use, and how far the newest change is."""
    return models.models()


@route(bp, "POST", "/bot/models/changes", caller=MANAGE, takes=ModelBody, gives=ModelsOut, status=202)
def change_model(model_id: str) -> Out:
    """Go over to another model: everything is read anew in the background, and holds all at once at the end."""
    reembedding.start(g.viewer, model_id)
    return models.models()


@route(bp, "POST", "/bot/models/changes/<int:change_id>/cancel", caller=MANAGE, gives=ModelsOut)
def cancel_change(change_id: int) -> Out:
    """Stop a change that is going on. The desk stays with the model it has."""
    reembedding.cancel(g.viewer, change_id)
    return models.models()
