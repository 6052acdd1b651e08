"""The bot itself: try a question on it."""

from __future__ import annotations

from flask import g

from models.actions import trials
from models.queries import knowledge_base as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.knowledge import BotTrialBody, BotTrialOut
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("bot", "The bot: a question tried on it")

READ = may(Permission.CHAT_READ)


@route(bp, "POST", "/bot/trials", caller=READ, takes=BotTrialBody, gives=BotTrialOut, status=202)
def ask(question: str) -> Out:
    """Have the bot think about a question. Ask for the answer in half a second."""
    limits.count("bot_trial", str(g.viewer.id))
    return read.trial(g.viewer, trials.ask(g.viewer, question))


@route(bp, "GET", "/bot/trials/<int:trial_id>", caller=READ, gives=BotTrialOut)
def answer(trial_id: int) -> Out:
    """What the bot would say, once it has thought."""
    return read.trial(g.viewer, trial_id)
