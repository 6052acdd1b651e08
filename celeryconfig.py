"""How Celery runs here: broker, queues, routes, limits and the beat table. Each setting carries its reason.

The row is the work and a task is only a nudge, so nothing in here is trusted to be
exactly once: a task may run twice (its action claims by condition) or never (a
sweep finds the row). What these settings buy is that either is rare and short.
"""

from kombu import Exchange, Queue

from models.jobs import Job
from models.settings import settings

# ------------------------------------------------------------------------------------------------- broker

broker_url = settings().broker_url  # database 1: a flush of the push bus in database 0 leaves the queues alone
broker_connection_retry_on_startup = True  # Redis may start after us
broker_connection_max_retries = None  # and may be away for an hour: come back by ourselves, never give up
broker_pool_limit = 10  # connections one process may publish on at once

VISIBLE_AFTER_S = 120  # above every time limit below, or a running task would be handed out a second time
broker_transport_options = {
    "visibility_timeout": VISIBLE_AFTER_S,
    "unacked_restore_interval": 5,  # Celery looks for the tasks of dead workers every 10 × 10 s; we do it every 5 s
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,  # without it a publish on a dead connection waits for ever, and a customer with it
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,  # a half-open connection is noticed within a minute
}
# Said in all three places: of all apps on this broker, the shortest one counts.
visibility_timeout = VISIBLE_AFTER_S
result_backend_transport_options = {"visibility_timeout": VISIBLE_AFTER_S}

# ------------------------------------------------------------------------------------------------ messages

task_serializer = "json"  # ids and short words; pickle would let whoever reaches Redis run code
accept_content = ["json"]
task_ignore_result = True  # the result of a task is what it wrote
result_backend = None
task_publish_retry_policy = {  # half a second in all: somebody waits, and a sweep repairs the rest
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}

# ------------------------------------------------------------------------------------------------- queues

DESK, BRAIN, DELIVERY, BULK = "desk", "brain", "delivery", "bulk"
task_queues = [
    # Timers, assignment, presence: short, and many people wait for them.
    Queue(DESK, Exchange(DESK), routing_key=DESK),
    # The bot and the embeddings: one process, one model, one question at a time.
    Queue(BRAIN, Exchange(BRAIN), routing_key=BRAIN),  # named in full: Celery would give it the default queue's key
    # Letters, broadcasts, channels: a server that hangs holds up one slot of this process and nothing else.
    Queue(DELIVERY, Exchange(DELIVERY), routing_key=DELIVERY),
    # What takes a while and nobody waits for in front of a chat: exports, erasures, counting words.
    Queue(BULK, Exchange(BULK), routing_key=BULK),
]
task_create_missing_queues = False  # a mistyped queue is an error here, not a queue that nobody reads
task_default_queue = DESK
task_routes = {
    Job.ANSWER_CUSTOMER: {"queue": BRAIN},
    Job.SWEEP_BOT: {"queue": BRAIN},
    Job.EMBED_KNOWLEDGE: {"queue": BRAIN},
    Job.REEMBED: {"queue": BULK},  # minutes of another model's reading: no customer's question may wait behind it
    Job.GROUP_FAILURES: {"queue": BRAIN},
    Job.DESCRIBE_CLUSTERS: {"queue": BRAIN},
    Job.REGROUP_FAILURES: {"queue": BULK},  # minutes on a large desk: no customer's question may wait behind it
    Job.RUN_REPLAY: {"queue": BRAIN},
    Job.SWEEP_REPLAYS: {"queue": BRAIN},
    Job.TRY_QUESTION: {"queue": BRAIN},
    Job.ASSIGN_WAITING: {"queue": DESK},
    Job.SWEEP_QUEUE: {"queue": DESK},
    Job.SWEEP_TIMERS: {"queue": DESK},
    Job.SWEEP_PRESENCE: {"queue": DESK},
    Job.SWEEP_MEDIA: {"queue": DESK},
    Job.SEND_MAIL: {"queue": DELIVERY},
    Job.SWEEP_MAIL: {"queue": DELIVERY},
    Job.SEND_WEBHOOKS: {"queue": DELIVERY},
    Job.SWEEP_WEBHOOKS: {"queue": DESK},  # it asks nobody's server
    Job.SEND_BROADCAST: {"queue": DELIVERY},
    Job.SWEEP_BROADCASTS: {"queue": DESK},  # it sends nothing, so it is not held up by what is being sent
    Job.SWEEP_WORDS: {"queue": BULK},
    Job.WRITE_EXPORT: {"queue": BULK},
    Job.SWEEP_EXPORTS: {"queue": BULK},
    Job.SWEEP_RETENTION: {"queue": BULK},
    Job.TAKE_IN: {"queue": DELIVERY},  # files are fetched from providers, who take their time
    Job.DELIVER: {"queue": DELIVERY},
    Job.SWEEP_CHANNELS: {"queue": DESK},  # it sends nothing, so it is not held up by what is being sent
    Job.SWEEP_ALARMS: {"queue": DESK},  # it says what does not get out, so it does not stand behind it
    Job.POLL_CHANNELS: {"queue": DESK},  # it says which are due, and asks nobody's server
    Job.POLL_CHANNEL: {"queue": DELIVERY},  # each by itself: one that hangs holds up no other
    Job.CHECK_CHANNEL: {"queue": DELIVERY},
    Job.CANARY: {"queue": DESK},  # beat also sends one to each of the others, below
}

# ------------------------------------------------------------------------------------------------ workers

imports = tuple(
    f"workers.tasks.{noun}"
    for noun in (
        "assignment",
        "bot",
        "broadcasts",
        "channels",
        "exports",
        "failures",
        "health",
        "knowledge",
        "mail",
        "media",
        "presence",
        "retention",
        "timers",
        "webhooks",
        "words",
    )
)

task_acks_late = True  # a killed worker's task is handed out again
task_reject_on_worker_lost = True  # also when only the pool's child was killed; the claim counts the attempts
worker_prefetch_multiplier = 1  # a worker holds what it works on and nothing more: others take the rest
task_soft_time_limit = (
    30  # a stuck call must not hold a slot (a solo pool cannot enforce it: there the bot's lease does)
)
task_time_limit = 45
worker_max_tasks_per_child = 2000  # a slow leak never grows old
worker_cancel_long_running_tasks_on_connection_loss = True  # their ack is lost, so they would run beside their double
worker_soft_shutdown_timeout = 15  # a deploy lets running tasks finish,
worker_enable_soft_shutdown_on_idle = True  # and gives back what arrived at the last moment
worker_send_task_events = False  # nobody listens
worker_hijack_root_logger = False  # workers/logs.py writes one JSON line per event

# ---------------------------------------------------------------------------------------------------- beat

timezone = "UTC"
beat_scheduler = "celery.beat:Scheduler"  # keeps no file that two beats could fight over; every sweep is soon due
beat_max_loop_interval = 5  # look at the table this often, even after the clock was set back


def _knock(job: Job, every_s: float, *args: str, queue: str | None = None) -> dict[str, object]:
    """Start a sweep every so often. What no worker took before the next knock expires: sweeps never pile up."""
    options: dict[str, object] = {"expires": every_s}
    if queue:
        options["queue"] = queue
    return {"task": job.value, "schedule": every_s, "args": args, "options": options}


beat_schedule = {
    "timers": _knock(Job.SWEEP_TIMERS, 1),  # a timer may be late by seconds, never early
    "queue": _knock(Job.SWEEP_QUEUE, 2),  # a lost assignment nudge costs a waiting customer this long
    "bot": _knock(Job.SWEEP_BOT, 2),  # and a lost question this long
    "presence": _knock(Job.SWEEP_PRESENCE, 5),  # leases last 45 s
    "knowledge": _knock(Job.EMBED_KNOWLEDGE, 10),  # nobody waits for it
    "reembedding": _knock(Job.REEMBED, 5),  # whose nudge was lost, or whose worker died; and what is left of a past one
    "failures": _knock(Job.GROUP_FAILURES, 3),  # an open review screen shows a new cluster within seconds
    "clusters": _knock(Job.DESCRIBE_CLUSTERS, 10),
    "regrouping": _knock(Job.REGROUP_FAILURES, 900),  # looks whether it is night
    "replays": _knock(Job.SWEEP_REPLAYS, 5),  # whose nudge was lost, or whose worker died
    "media": _knock(Job.SWEEP_MEDIA, 60),  # a file may outlive its message by a minute
    "mail": _knock(Job.SWEEP_MAIL, 5),  # a letter is seconds late at most; its reader is away
    "broadcasts": _knock(Job.SWEEP_BROADCASTS, 2),  # one that is due, or whose sender died, begins so much later
    "webhooks": _knock(Job.SWEEP_WEBHOOKS, 2),  # what nobody was asked to send, or is due again, goes so much later
    "channels": _knock(Job.SWEEP_CHANNELS, 2),  # a message whose nudge was lost, in or out, is so much later
    "mailboxes": _knock(Job.POLL_CHANNELS, 10),  # mail comes in so much later than it arrived
    "alarms": _knock(Job.SWEEP_ALARMS, 15),  # what has not got out for ten minutes is said within a quarter of one
    "words": _knock(Job.SWEEP_WORDS, 30),  # a typing error is forgiven for words older than that
    "exports": _knock(Job.SWEEP_EXPORTS, 10),  # an export whose nudge was lost begins so much later
    "retention": _knock(Job.SWEEP_RETENTION, 900),  # what is years old may wait for a quarter of an hour
    "canary-desk": _knock(Job.CANARY, 5, DESK, queue=DESK),  # 15 s without one and the worker counts as dead
    "canary-brain": _knock(Job.CANARY, 5, BRAIN, queue=BRAIN),
    "canary-delivery": _knock(Job.CANARY, 5, DELIVERY, queue=DELIVERY),
    "canary-bulk": _knock(Job.CANARY, 5, BULK, queue=BULK),
}
