"""What operations watch, in Prometheus' words. Read from the ops port only."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from models.db import connection, rows
from models.queries.alarms import everything

registry = CollectorRegistry()

ack_seconds = Histogram(
    "parley_ack_seconds",
    "From an event's arrival to its ack",
    ["event"],
    registry=registry,
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
shed = Counter("parley_shed", "Events answered busy because too many were under way", registry=registry)
sockets = Gauge("parley_sockets", "Open sockets of this process", ["namespace"], registry=registry)
queue_length = Gauge("parley_queue_length", "Chats waiting for a person", ["team"], registry=registry)
oldest_wait = Gauge("parley_queue_oldest_wait_seconds", "The longest wait in the queue", registry=registry)
beat_age = Gauge(
    "parley_beat_age_seconds", "Since each part of the back room last did something", ["part"], registry=registry
)
timer_lateness = Gauge(
    "parley_timer_lateness_seconds", "How long the oldest due timer has been waiting", registry=registry
)
bot_waiting = Gauge("parley_bot_waiting", "Messages that wait for the bot", registry=registry)

stuck = Gauge(
    "parley_stuck_messages",
    "What did not get out or in and nobody has seen to yet: dead, waiting (over ten minutes), unread",
    ["channel", "state"],
    registry=registry,
)
alarms = Gauge("parley_alarms", "Channels and webhooks that something is stuck at", registry=registry)


def read() -> bytes:
    """The numbers as text. What is a row is asked of Postgres at this moment."""
    with connection():
        queue_length.clear()
        for each in rows(
            "select coalesce(t.name, 'none') as team, count(c.id) as n from chat c left join team t on t.id = c.team_id"
            " where c.state = 'queued' group by 1"
        ):
            queue_length.labels(each["team"]).set(each["n"])
        now = rows(
            "select coalesce(extract(epoch from clock_timestamp() - min(queued_at)), 0) as oldest,"
            " (select coalesce(extract(epoch from clock_timestamp() - min(due_at)), 0) from timer"
            "  where state = 'armed' and due_at <= clock_timestamp()) as late,"
            " (select count(*) from chat where state = 'bot' and bot_message_id is not null) as bot"
            " from chat where state = 'queued'"
        )[0]
        oldest_wait.set(float(now["oldest"]))
        timer_lateness.set(float(now["late"]))
        bot_waiting.set(now["bot"])
        stuck.clear()
        standing = everything()
        alarms.set(len(standing))
        for each in standing:
            if each["about"] == "channel":
                for state in ("dead", "waiting", "unread"):
                    stuck.labels(each["name"], state).set(each[state])
        beat_age.clear()
        for each in rows("select part, extract(epoch from clock_timestamp() - at) as age from beat"):
            beat_age.labels(each["part"]).set(float(each["age"]))
    return generate_latest(registry)
