"""The bot's mind: embed, look for what lies near, judge. Nothing in here writes but through `models.actions`."""
