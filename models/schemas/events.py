"""The wire as one table: what the server tells, and what may be asked of it over a socket.

The TypeScript of the front end is generated from this file (`parley types`); the
OpenAPI document and the sockets use the same schemas.
"""

from __future__ import annotations

from typing import NamedTuple

from marshmallow import fields

from models.live import Event
from models.schemas import (
    admin,
    broadcasts,
    catalogue,
    channels,
    chats,
    clusters,
    customers,
    escalations,
    failures,
    figures,
    history,
    integrations,
    keeping,
    knowledge,
    media,
    messages,
    people,
    promises,
    repairs,
    replays,
    search,
    sheets,
    templates,
    visitor,
)
from models.schemas.base import Flag, Id, Seq, Shape, one_of


class Receipt(Shape):
    """How far one side has got. Numbers are `pub_seq` and only grow."""

    chat_id = Id(required=True)
    side = fields.String(required=True, validate=one_of("customer", "agent"))
    delivered_seq = Seq(required=True)
    read_seq = Seq(required=True)


class Typing(Shape):
    chat_id = Id(required=True)
    kind = fields.String(required=True, validate=one_of("customer", "agent", "bot"))
    id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)
    on = Flag(required=True)


class Head(Shape):
    chat_id = Id(required=True)
    seq = Seq(required=True, metadata={"description": "Newest number in the receiver's own counter"})
    version = Seq(required=True)


class Heads(Shape):
    """Sent every 20 s, read from Postgres: whoever is behind asks for what is missing."""

    heads = fields.List(fields.Nested(Head), required=True)


class Counts(Shape):
    """How many wait, for one team; null stands for chats that no team has."""

    team_id = fields.Integer(required=True, allow_none=True)
    waiting = fields.Integer(required=True)


class Alert(Shape):
    """Something a person should look at now."""

    kind = fields.String(
        required=True,
        validate=one_of(
            "assigned",
            "taken_over",
            "first_reply_late",
            "returned",
            "waiting_long",
            "mentioned",
            "promise_soon",
            "promise_due",
            "escalated",
            "escalation_reminder",
            "escalation_accepted",
            "escalation_declined",
            "escalation_rejected",
            "escalation_timed_out",
        ),
    )
    chat_id = Id(required=True)
    customer = fields.String(required=True)
    seconds = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"description": "Who did it, where that matters"})
    text = fields.String(required=True, allow_none=True, metadata={"description": "In their words"})


class CatalogueChanged(Shape):
    """One of the desk's lists was edited: whoever shows it reads it again."""

    what = fields.String(
        required=True,
        validate=one_of(
            "tags",
            "canned",
            "end_reasons",
            "teams",
            "agents",
            "routing",
            "model",
            "attributes",
            "settings",
            "views",
            "services",
            "articles",
            "api_keys",
            "webhooks",
            "channels",
            "alarms",
        ),
    )


class CutOff(Shape):
    """The server ends this socket's session; the page must sign in again."""

    reason = fields.String(required=True, validate=one_of("signed_out", "disabled", "expired", "role_changed"))


class VisitorCutOff(Shape):
    """The page must begin anew (`expired`), or only come again, for it is known as somebody else now (`joined`)."""

    reason = fields.String(required=True, validate=one_of("expired", "joined"))


class TeamUses(Shape):
    """What keeps a team from being archived."""

    chats = fields.Integer(required=True, metadata={"description": "Open ones"})
    rules = fields.List(fields.String(), required=True, metadata={"description": "Names of routing rules"})
    services = fields.List(fields.String(), required=True)
    offers = fields.Integer(required=True, metadata={"description": "Escalations that are pending with it"})
    teams = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Whose escalations go on to it; empty name: the desk’s"},
    )


class ProofOut(Shape):
    """How far the newest replay of a cluster came, and how far it must."""

    percent = fields.Integer(required=True, allow_none=True, metadata={"description": "Null: it was never replayed"})
    broken = fields.Integer(required=True, allow_none=True)
    needed_percent = fields.Integer(required=True)


class ErrorOut(Shape):
    """Every refusal, on every transport. `fields` names what was wrong with which field of the request."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    fields_ = fields.Dict(keys=fields.String(), data_key="fields")
    retry_after_ms = fields.Integer()
    retry_after_s = fields.Integer()
    state = fields.String(validate=one_of(*chats.STATES))
    version = Seq()
    by = fields.Nested(people.AgentBrief, metadata={"description": "Who won the race"})
    broadcast = fields.String(metadata={"description": "For `broadcast_state`: the state it is in"})
    count = fields.Integer(metadata={"description": "For `confirm_count`: how many would be written to"})
    why = fields.String(metadata={"description": "For `left_out`: the reason, as in a ledger"})
    at = fields.Integer(metadata={"description": "For `template_variable`: which of them, from 0"})
    expected = fields.Integer(metadata={"description": "For `template_variables`: how many there are"})
    how = fields.String(metadata={"description": "For `offer_closed`: what became of the offer"})
    chat_id = Id(metadata={"description": "For `already_open`: the chat the customer is in"})
    proof = fields.Nested(ProofOut, metadata={"description": "For `not_proved`: how far the newest replay came"})
    cluster_id = Id(metadata={"description": "For `cluster_merged`: where its failures are now"})
    scope = fields.String(metadata={"description": "For `scope`: the one that the key would need"})
    uses = fields.Nested(TeamUses, metadata={"description": "For `team_in_use`"})
    status = fields.Integer(metadata={"description": "HTTP status, on REST only"})


class Done(Shape):
    """Nothing to say but that it is done."""


class MessageAck(Shape):
    message = fields.Nested(messages.MessageOut, required=True)


# What the console hears. Rooms are computed by the server (models/live.py).
TO_CONSOLE: dict[Event, type[Shape]] = {
    Event.MESSAGE_NEW: messages.MessageOut,
    Event.CHAT_CHANGED: chats.ChatOut,
    Event.CHAT_RECEIPT: Receipt,
    Event.MESSAGE_DELIVERY: messages.MessageDelivery,
    Event.CHAT_TYPING: Typing,
    Event.PRESENCE_CHANGED: people.AgentOut,
    Event.QUEUE_COUNTS: Counts,
    Event.DESK_CHANGED: people.DeskOut,
    Event.CHAT_VIEWERS: chats.Viewers,
    Event.CUSTOMER_CHANGED: customers.CustomerOut,
    Event.PROMISE_CHANGED: promises.PromiseOut,
    Event.EXPORT_CHANGED: keeping.ExportOut,
    Event.BROADCAST_CHANGED: broadcasts.BroadcastOut,
    Event.FAILURE_CHANGED: failures.FailureOut,
    Event.CLUSTER_CHANGED: clusters.ClusterOut,
    Event.REPLAY_CHANGED: replays.ReplayOut,
    Event.CATALOGUE_CHANGED: CatalogueChanged,
    Event.ALERT: Alert,
    Event.HEADS: Heads,
    Event.CUT_OFF: CutOff,
}

# What a visitor hears: public shapes only.
TO_VISITOR: dict[Event, type[Shape]] = {
    Event.MESSAGE_NEW: visitor.VisitorMessage,
    Event.CHAT_CHANGED: visitor.VisitorChat,
    Event.CHAT_RECEIPT: Receipt,
    Event.CHAT_TYPING: Typing,
    Event.QUEUE_PLACE: visitor.QueuePlace,
    Event.NOTICES_CHANGED: visitor.NoticeList,
    Event.HEADS: Heads,
    Event.CUT_OFF: VisitorCutOff,
}


class Asked(NamedTuple):
    takes: type[Shape]
    gives: type[Shape]


# What a socket may ask. Each has one implementation in `models/actions` (or `models/queries`),
# called through `web/commands.py` by REST and sockets alike.
FROM_CONSOLE: dict[str, Asked] = {
    "message:send": Asked(messages.MessageSend, MessageAck),
    "message:edit": Asked(messages.EditMessage, MessageAck),
    "message:delete": Asked(messages.MessageRef, MessageAck),
    "chat:draft": Asked(chats.DraftIn, Done),
    "chat:watch": Asked(messages.ChatRef, Done),
    "chat:unwatch": Asked(messages.ChatRef, Done),
    "chat:sync": Asked(chats.SyncIn, messages.MessagePage),
    "chat:typing": Asked(chats.TypingIn, Done),
    "chat:read": Asked(chats.ReadIn, Done),
    "chat:start": Asked(messages.ChatRef, chats.ChatOut),
    "chat:takeover": Asked(messages.ChatRef, chats.ChatOut),
    "chat:assign": Asked(chats.AssignIn, chats.ChatOut),
    "chat:return": Asked(chats.ReturnIn, chats.ChatOut),
    "chat:move": Asked(chats.MoveIn, chats.ChatOut),
    "chat:end": Asked(chats.EndIn, chats.ChatOut),
    "chat:escalate": Asked(chats.EscalateIn, chats.ChatOut),
    "chat:accept": Asked(messages.ChatRef, chats.ChatOut),
    "chat:reject": Asked(chats.RejectIn, chats.ChatOut),
    "chat:cancel": Asked(chats.CancelIn, chats.ChatOut),
    "presence:set": Asked(people.PresenceIn, people.AgentOut),
}

FROM_VISITOR: dict[str, Asked] = {
    "message:send": Asked(visitor.VisitorSend, visitor.VisitorSent),
    "chat:sync": Asked(chats.SyncIn, visitor.VisitorPage),
    "chat:typing": Asked(chats.TypingIn, Done),
    "chat:read": Asked(chats.ReadIn, Done),
    "chat:person": Asked(messages.ChatRef, visitor.VisitorChat),
    "chat:leave": Asked(messages.ChatRef, visitor.VisitorChat),
    "chat:email": Asked(visitor.EmailInstead, visitor.VisitorChat),
    "chat:end": Asked(messages.ChatRef, visitor.VisitorChat),
    "chat:rate": Asked(visitor.RatingIn, visitor.VisitorChat),
    "answer:rate": Asked(visitor.AnswerRating, visitor.VisitorChat),
}

# Shapes that only REST speaks, so that the generated types have them too.
REST_ONLY: tuple[type[Shape], ...] = (
    knowledge.ServiceList,
    knowledge.ServiceOut,
    knowledge.ServiceBody,
    knowledge.ServiceChange,
    knowledge.ServiceVersionList,
    knowledge.ArticleList,
    knowledge.ArticleOut,
    knowledge.ArticleBody,
    knowledge.ArticleChange,
    knowledge.ArticleVersionList,
    sheets.KnowledgeImport,
    knowledge.BotTrialBody,
    knowledge.BotTrialOut,
    knowledge.ModelsOut,
    knowledge.ModelBody,
    people.MeOut,
    people.OverviewOut,
    people.MailCalls,
    people.SignIn,
    people.TicketOut,
    chats.ChatDetail,
    chats.ChatPage,
    history.HistoryPage,
    history.HistoryChoices,
    history.ChatFilter,
    history.ViewList,
    history.ViewBody,
    history.ViewPatch,
    history.Timeline,
    search.SearchPage,
    keeping.ExportList,
    keeping.ExportBody,
    keeping.CustomerExportBody,
    keeping.EraseBody,
    keeping.ErasureList,
    keeping.RetentionList,
    keeping.RetentionBody,
    keeping.RetentionPatch,
    broadcasts.BroadcastPage,
    broadcasts.BroadcastStart,
    broadcasts.BroadcastBody,
    broadcasts.BroadcastPatch,
    broadcasts.BroadcastDetail,
    broadcasts.AudienceBody,
    broadcasts.AudienceAsked,
    broadcasts.AudienceOut,
    broadcasts.ListBody,
    broadcasts.ListRead,
    broadcasts.ScheduleBody,
    broadcasts.TrialBody,
    broadcasts.RecipientPage,
    search.SuggestList,
    chats.TagsBody,
    messages.MessageBody,
    chats.EndBody,
    chats.AssignBody,
    chats.ReturnBody,
    chats.MoveBody,
    messages.EditBody,
    chats.DraftBody,
    messages.VersionList,
    chats.AssignmentList,
    media.AttachmentOut,
    media.UploadLimits,
    catalogue.CannedList,
    catalogue.CannedBody,
    sheets.CannedImport,
    sheets.ImportReport,
    catalogue.TagList,
    catalogue.TagBody,
    catalogue.TagPatch,
    catalogue.TagMerge,
    catalogue.TagsBulk,
    catalogue.BulkReport,
    catalogue.EndReasonList,
    catalogue.EndReasonBody,
    catalogue.EndReasonPatch,
    customers.CustomerOut,
    customers.CustomerPatch,
    customers.CustomerNoteBody,
    customers.BlockBody,
    customers.BlockList,
    customers.AttributeList,
    customers.AttributeBody,
    customers.AttributePatch,
    promises.PromisePage,
    promises.PromisePatch,
    promises.PromiseSettle,
    promises.FollowUpBody,
    promises.FollowUpOut,
    escalations.EscalateBody,
    escalations.TargetBody,
    escalations.EscalatePreview,
    escalations.EscalationTargets,
    escalations.EscalationList,
    escalations.RejectBody,
    escalations.CancelBody,
    escalations.ExtendBody,
    escalations.EscalationReport,
    failures.FailurePage,
    failures.FailurePlace,
    failures.FailureDetail,
    failures.FailureChoices,
    clusters.FailureMap,
    clusters.ClusterPage,
    clusters.ClusterDetail,
    clusters.ProposalList,
    repairs.ProposalBody,
    repairs.RenameCluster,
    repairs.AssignCluster,
    repairs.SnoozeCluster,
    repairs.DismissFailure,
    repairs.DismissCluster,
    repairs.ResolveFailure,
    repairs.ResolveCluster,
    repairs.SplitCluster,
    repairs.MergeClusters,
    repairs.MoveFailures,
    repairs.PlaceFailure,
    repairs.SeenVersion,
    repairs.AddToArticle,
    repairs.AddToService,
    replays.ReplayBody,
    replays.ReplayTurnPage,
    repairs.ExampleCheckBody,
    repairs.ExampleCheck,
    figures.FailureFigures,
    promises.MentionPage,
    promises.MentionsSeen,
    admin.DeskSettings,
    admin.DeskIn,
    admin.TeamAdminList,
    admin.TeamBody,
    admin.TeamPatch,
    admin.AgentAdminList,
    admin.AgentBody,
    admin.AgentPatch,
    admin.AgentMade,
    admin.RoutingOut,
    admin.RoutingIn,
    admin.RoutingTry,
    admin.RoutingTried,
    admin.AuditPage,
    integrations.ApiKeyList,
    integrations.ApiKeyBody,
    integrations.ApiKeyMade,
    integrations.WebhookList,
    integrations.WebhookBody,
    integrations.WebhookPatch,
    integrations.WebhookMade,
    integrations.WebhookLog,
    integrations.WebhookReplay,
    integrations.WebhookReplayed,
    channels.ChannelKindList,
    channels.ChannelList,
    channels.ChannelBody,
    channels.ChannelPatch,
    channels.WebsitePatch,
    channels.LostList,
    channels.AlarmList,
    templates.TemplateList,
    visitor.EmailBody,
    visitor.LeaveMessage,
    visitor.VisitorOpen,
    visitor.VisitorOpened,
    visitor.VisitorDetails,
    visitor.WantedBody,
    visitor.HelpList,
    ErrorOut,
)
