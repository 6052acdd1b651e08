"""How mail programs write a reply: what the person wrote, and below or between it what they answer to.

Each is the text part as the program sends it. `said` is what a reader wants to see first; nothing of it may be folded
away, and nothing that belongs to the earlier mail may stand in it.
"""

from __future__ import annotations

from dataclasses import dataclass

EARLIER = "Your parcel left us on Monday."
"""A sentence of ours that every quote below holds."""


@dataclass(frozen=True)
class Reply:
    program: str
    text: str
    said: str


REPLIES = (
    Reply(
        "Gmail, English",
        "It is still not here.\n\nOn Fri, 27 Nov 2026 at 14:03, Fernhill <desk@fernhill.example> wrote:\n\n"
        "> Hello,\n>\n> Your parcel left us on Monday.\n",
        "It is still not here.",
    ),
    Reply(
        "Gmail, English, the line of the quote is broken",
        "It is still not here.\n\nOn Fri, 27 Nov 2026 at 14:03, Fernhill Customer Care Team <\n"
        "desk@fernhill.example> wrote:\n\n> Hello,\n>\n> Your parcel left us on Monday.\n",
        "It is still not here.",
    ),
    Reply(
        "Gmail, German",
        "Es ist noch nicht da.\n\nAm Fr., 27. Nov. 2026 um 14:03 Uhr schrieb Fernhill <desk@fernhill.example>:\n\n"
        "> Hallo,\n>\n> Your parcel left us on Monday.\n",
        "Es ist noch nicht da.",
    ),
    Reply(
        "Gmail, German, the line of the quote is broken",
        "Es ist noch nicht da.\n\nAm Fr., 27. Nov. 2026 um 14:03 Uhr schrieb Fernhill Kundendienst <\n"
        "desk@fernhill.example>:\n\n> Hallo,\n>\n> Your parcel left us on Monday.\n",
        "Es ist noch nicht da.",
    ),
    Reply(
        "Gmail, French",
        "Toujours rien.\n\nLe ven. 27 nov. 2026 à 14:03, Fernhill <desk@fernhill.example> a écrit :\n\n"
        "> Bonjour,\n>\n> Your parcel left us on Monday.\n",
        "Toujours rien.",
    ),
    Reply(
        "Gmail, Spanish",
        "Todavía no ha llegado.\n\nEl vie, 27 nov 2026 a las 14:03, Fernhill (<desk@fernhill.example>) escribió:\n\n"
        "> Hola,\n>\n> Your parcel left us on Monday.\n",
        "Todavía no ha llegado.",
    ),
    Reply(
        "Gmail, Italian",
        "Non è ancora arrivato.\n\nIl giorno ven 27 nov 2026 alle ore 14:03 Fernhill <desk@fernhill.example> ha"
        " scritto:\n\n> Ciao,\n>\n> Your parcel left us on Monday.\n",
        "Non è ancora arrivato.",
    ),
    Reply(
        "Gmail, Dutch",
        "Het is er nog niet.\n\nOp vr 27 nov 2026 om 14:03 schreef Fernhill <desk@fernhill.example>:\n\n"
        "> Hallo,\n>\n> Your parcel left us on Monday.\n",
        "Het is er nog niet.",
    ),
    Reply(
        "Apple Mail, English",
        "It is still not here.\n\n> On 27. Nov 2026, at 14:03, Fernhill <desk@fernhill.example> wrote:\n>\n"
        "> Hello,\n>\n> Your parcel left us on Monday.\n",
        "It is still not here.",
    ),
    Reply(
        "Apple Mail, German",
        "Es ist noch nicht da.\n\n> Am 27.11.2026 um 14:03 schrieb Fernhill <desk@fernhill.example>:\n>\n"
        "> Hallo,\n>\n> Your parcel left us on Monday.\n",
        "Es ist noch nicht da.",
    ),
    Reply(
        "Apple Mail on a telephone, French",
        "Toujours rien.\n\nEnvoyé de mon iPhone\n\n> Le 27 nov. 2026 à 14:03, Fernhill <desk@fernhill.example> a écrit"
        " :\n>\n> Bonjour,\n>\n> Your parcel left us on Monday.\n",
        "Toujours rien.\n\nEnvoyé de mon iPhone",
    ),
    Reply(
        "Outlook, English",
        "It is still not here.\n\nKind regards\nAda\n\n________________________________\nFrom: Fernhill"
        " <desk@fernhill.example>\nSent: Friday, November 27, 2026 2:03 PM\nTo: Ada <ada@example.com>\n"
        "Subject: Re: My order\n\nHello,\nYour parcel left us on Monday.\n",
        "It is still not here.\n\nKind regards\nAda",
    ),
    Reply(
        "Outlook, English, without a line above",
        "It is still not here.\n\nFrom: Fernhill <desk@fernhill.example>\nSent: Friday, November 27, 2026 2:03 PM\n"
        "To: Ada <ada@example.com>\nSubject: Re: My order\n\nHello,\nYour parcel left us on Monday.\n",
        "It is still not here.",
    ),
    Reply(
        "Outlook, German",
        "Es ist noch nicht da.\n\nMit freundlichen Grüßen\nAda\n\nVon: Fernhill <desk@fernhill.example>\n"
        "Gesendet: Freitag, 27. November 2026 14:03\nAn: Ada <ada@example.com>\nBetreff: AW: Meine Bestellung\n\n"
        "Hallo,\nYour parcel left us on Monday.\n",
        "Es ist noch nicht da.\n\nMit freundlichen Grüßen\nAda",
    ),
    Reply(
        "Outlook, French",
        "Toujours rien.\n\nDe : Fernhill <desk@fernhill.example>\nEnvoyé : vendredi 27 novembre 2026 14:03\n"
        "À : Ada <ada@example.com>\nObjet : RE: Ma commande\n\nBonjour,\nYour parcel left us on Monday.\n",
        "Toujours rien.",
    ),
    Reply(
        "Outlook, Spanish",
        "Todavía no ha llegado.\n\nDe: Fernhill <desk@fernhill.example>\nEnviado el: viernes, 27 de noviembre de 2026"
        " 14:03\nPara: Ada <ada@example.com>\nAsunto: RE: Mi pedido\n\nHola,\nYour parcel left us on Monday.\n",
        "Todavía no ha llegado.",
    ),
    Reply(
        "Outlook of old",
        "It is still not here.\n\n-----Original Message-----\nFrom: Fernhill <desk@fernhill.example>\n"
        "Sent: Friday, November 27, 2026 2:03 PM\nTo: Ada\nSubject: Re: My order\n\nYour parcel left us on Monday.\n",
        "It is still not here.",
    ),
    Reply(
        "Outlook of old, German",
        "Es ist noch nicht da.\n\n-----Ursprüngliche Nachricht-----\nVon: Fernhill <desk@fernhill.example>\n"
        "Gesendet: Freitag, 27. November 2026 14:03\nAn: Ada\nBetreff: AW: Bestellung\n\n"
        "Your parcel left us on Monday.\n",
        "Es ist noch nicht da.",
    ),
    Reply(
        "Thunderbird, German",
        "Es ist noch nicht da.\n\nAm 27.11.26 um 14:03 schrieb Fernhill:\n> Hallo,\n> Your parcel left us on Monday.\n",
        "Es ist noch nicht da.",
    ),
    Reply(
        "Quoted without a word of introduction",
        "It is still not here.\n\n> Hello,\n>\n> Your parcel left us on Monday.\n> Kind regards\n",
        "It is still not here.",
    ),
    Reply(
        "A signature of its own",
        "It is still not here.\n\n-- \nAda Lovelace\n12 Mill Lane\n\n"
        "On Fri, 27 Nov 2026 at 14:03, Fernhill <desk@fernhill.example> wrote:\n> Your parcel left us on Monday.\n",
        "It is still not here.\n\n-- \nAda Lovelace\n12 Mill Lane",
    ),
)

WHOLE = (
    "It is still not here.\n\n1. I ordered.\n2. I paid.\n\nOn Friday my neighbour wrote:\nnothing came either.\n\nAda",
    "From: me\nTo you: a question. When is it coming?",
    "Is 3 > 2 in your table?\n> no idea",
)
"""Mails in which nothing is quoted, though they look a little like it."""

BETWEEN = (
    "On Fri, 27 Nov 2026 at 14:03, Fernhill <desk@fernhill.example> wrote:\n\n> Your parcel left us on Monday.\n\n"
    "It is not here.\n\n> Shall we look for it?\n\nYes, please.\n"
)
"""Answers written between the lines: all of it is what the person wrote."""
