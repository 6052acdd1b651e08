"""Every sentence the bot says by itself. Answers of services and articles are the desk's own."""

from __future__ import annotations

TALK_TO_A_PERSON = "Talk to a person"  # the last quick reply of everything the bot says
NONE_OF_THESE = "None of these"  # under a question back, before the wish for a person
THAT_HELPED = "That helped"  # offered under an answer: the customer says that the matter is settled

GREETING = "Hello! Tell me in a sentence what you need, and I’ll find the answer or the right person."
YOU_ARE_WELCOME = "You’re welcome! If anything else comes up, just write."
SETTLED = "Glad that helped. Write again whenever something comes up."
GOODBYE = "Goodbye, and thank you for writing."
HOW_ARE_YOU = "All well here, thank you! What can I help you with?"
WHO_ARE_YOU = "I’m a program, not a person. I answer common questions, and bring in a colleague for everything else."
SAY_MORE = "Could you tell me a little more? One sentence about what happened is enough."

DID_YOU_MEAN = "I’m not sure I understood. Did you mean one of these?"
WHICH_OF_THESE = "Which of these do you mean?"
NOT_THAT = "Then that was not it. Is it one of these?"
FROM_ARTICLE = "From our help centre, “{title}”:\n\n{passage}"

TO_ITS_TEAM = (
    "I’m passing you to the colleagues who look after that. They will see what you wrote; no need to repeat it."
)
HANDING_OVER = "I don’t have a good answer to that, so I’m passing you to a colleague. They will see what you wrote; no need to repeat it."
STILL_LOST = "I still don’t have the right answer, so I’m passing you to a colleague. They will see what you wrote; no need to repeat it."
PERSON_COMING = "Of course. I’m passing you to a colleague, who will see everything you wrote here."
