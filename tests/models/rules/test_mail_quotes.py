"""What somebody wrote, and what they answer to: every program of the corpus, in text and in HTML."""

from __future__ import annotations

import pytest

from models.rules import mail_html, mail_quotes
from tests.support.replies import BETWEEN, EARLIER, REPLIES, WHOLE, Reply


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.program)
def test_the_quote_is_folded_and_nothing_else(reply: Reply) -> None:
    said, quoted = mail_quotes.split(reply.text)
    assert said == reply.said
    assert EARLIER in quoted


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.program)
def test_lines_that_end_as_the_network_ends_them_are_the_same_lines(reply: Reply) -> None:
    assert mail_quotes.split(reply.text.replace("\n", "\r\n"))[0] == reply.said


@pytest.mark.parametrize("whole", WHOLE)
def test_what_only_looks_like_a_quote_is_shown(whole: str) -> None:
    assert mail_quotes.split(whole) == (whole.strip(), "")


def test_answers_between_the_lines_are_shown_with_what_they_answer() -> None:
    assert mail_quotes.split(BETWEEN) == (BETWEEN.strip(), "")


def test_a_mail_of_a_quote_alone_is_not_empty() -> None:
    quote = "On Fri, 27 Nov 2026 at 14:03, Fernhill <desk@fernhill.example> wrote:\n> Your parcel left us on Monday."
    assert mail_quotes.split(quote) == (quote, "")


GMAIL = (
    '<div dir="ltr">It is still not here.<div><br></div><div>Ada</div></div><br><div class="gmail_quote">'
    '<div dir="ltr" class="gmail_attr">On Fri, 27 Nov 2026 at 14:03, Fernhill &lt;<a href="mailto:desk@f.example">'
    'desk@f.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">Hello,<br>'
    "Your parcel left us on Monday.</blockquote></div>"
)
OUTLOOK = (
    "<p class=MsoNormal>It is still not here.<o:p></o:p></p><p class=MsoNormal>Ada</p><div><div style='border:none;"
    "border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Von:</b> Fernhill &lt;desk@f.example&gt; <br><b>Gesendet:</b>"
    " Freitag, 27. November 2026 14:03<br><b>An:</b> Ada<br><b>Betreff:</b> AW: Bestellung</p></div></div>"
    "<p>Your parcel left us on Monday.</p>"
)
APPLE = (
    "<div>It is still not here.</div><div><br></div><div>Ada</div><div><br><blockquote type='cite'><div>Am 27.11.2026 um"
    " 14:03 schrieb Fernhill &lt;desk@f.example&gt;:</div><br><div>Your parcel left us on Monday.</div></blockquote></div>"
)


@pytest.mark.parametrize("html", [GMAIL, OUTLOOK, APPLE], ids=["Gmail", "Outlook", "Apple Mail"])
def test_the_quote_of_an_html_mail_is_folded(html: str) -> None:
    said, quoted = mail_quotes.split_html(mail_html.clean(html).html)
    assert said.split() == ["It", "is", "still", "not", "here.", "Ada"]
    assert EARLIER in quoted


def test_html_without_a_quote_is_shown_whole() -> None:
    html = mail_html.clean("<p>On Friday my neighbour wrote:</p><p>nothing came.</p>").html
    assert mail_quotes.split_html(html) == ("On Friday my neighbour wrote:\n\nnothing came.", "")


MARK = "Above this line."


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes.", "Yes."),
        ("Yes.\n\n-- \nAna, 030 1", "Yes."),
        ("Yes.\n\nOn Fri, 27 Nov 2026 at 14:03, Desk <d@x.example> wrote:\n\n> Ada wrote:\n> Where?\n> Above this line.", "Yes."),
        ("On Fri, 27 Nov 2026 at 14:03, Desk <d@x.example> wrote:\n> Where?\n> Above this line.\n\nYes, below.", "Yes, below."),
        ("On Fri, 27 Nov 2026 at 14:03, Desk <d@x.example> wrote:\n> Where?\nHere.\n> And when?\nNow.", "Here.\nNow."),
        ("On Fri, 27 Nov 2026 at 14:03, Desk <d@x.example> wrote:\n\n> Where?", ""),
        ("Yes.\n\nFrom: Desk <d@x.example>\nSent: Friday, 27 November 2026 14:03\nSubject: Ada\n\nAda wrote:\nWhere?", "Yes."),
        ("Yes.\nAda wrote to you:\nWhere?\nAbove this line.\nhttps://desk.example/", "Yes.\nAda wrote to you:\nWhere?"),
        ("Above this line.\nhttps://desk.example/", ""),
    ],
)  # fmt: skip
def test_what_is_said_in_somebodys_name_is_what_they_wrote(text: str, own: str) -> None:
    assert mail_quotes.own_words(text, MARK) == own
