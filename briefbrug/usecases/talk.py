"""The rest of the conversation: greeting, help, yes and no, privacy, stopping, other languages."""

from __future__ import annotations

import re

from briefbrug.house import LANGUAGES, House
from briefbrug.speech import Message
from briefbrug.store.tables import Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply, UseCase
from briefbrug.usecases.erase import delete_now
from briefbrug.usecases.hand_over import confirm_hand_over, goal_of, request_human, share_more, withdraw
from briefbrug.usecases.join_in import only_herself
from briefbrug.usecases.open_door import HELPER, ask_leave, no_letters_yet, the_resident
from briefbrug.usecases.receive_photo import drop_announced, fetch_announced
from briefbrug.usecases.record_reading import close_bag
from briefbrug.usecases.stay_safe import ask_safe_hours
from briefbrug.usecases.tell_letter import surely_not_mine, surely_paid

START_CHOICES = (
    Choice("button_overview", "overview"),
    Choice("button_human", "request_human"),
    Choice("button_help", "help"),
)
MISUNDERSTOOD_TWICE = 2
SHARING = re.compile(
    r"\b(del(en|ing)|toestemming|mee ?kijk\w*|mee ?lez\w*|shar(e|ing)|paylaş\w*|udostępnia\w*|ділит\w*)\b|مشارك",
    re.IGNORECASE,
)
SURE = re.compile(
    r"\W*(ja|jazeker|jawel|yes|evet|tak|نعم|так)\b|wis|verwijder|delete|erase|sil\b|usuń|احذف|видал", re.IGNORECASE
)
"""Everything is destroyed only after a plain yes or the word itself; "ok" may have meant something else."""
SAFE_HOURS = re.compile(
    r"\b('?s ?avonds|savons|overdag|'?s ?nachts|'?s ?morgens|'?s ?ochtends|alleen (tussen|na|voor)|verberg\w*)\b",
    re.IGNORECASE,
)


def _to(resident: Resident, *replies: Reply) -> Answer:
    return Answer(tuple(replies), language=resident.language)


def greet(house: House, asked: Asked) -> Answer:
    """Greet; ask leave again when that is still open, else say what can be done now."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.muted = False
        if resident.consent != "yes":
            return _to(resident, ask_leave(resident, "greet_again"))
        return _to(resident, Reply((Message("greet_back"),), START_CHOICES))


def say_goodbye(house: House, asked: Asked) -> Answer:
    """Say goodbye; nothing is closed."""
    return _say(house, asked, "goodbye")


def thank(house: House, asked: Asked) -> Answer:
    """Answer a thank-you."""
    return _say(house, asked, "thank_back", START_CHOICES[:2])


def chitchat(house: House, asked: Asked) -> Answer:
    """Answer small talk and lead back gently."""
    return _say(house, asked, "chitchat", START_CHOICES[:2])


def bot_challenge(house: House, asked: Asked) -> Answer:
    """Say what we are: a machine (F37, F88)."""
    return _say(house, asked, "i_am_a_machine", (Choice("button_human", "request_human"),))


def explain_help(house: House, asked: Asked) -> Answer:
    """Tell what can be done here."""
    return _say(house, asked, "help", START_CHOICES[:2])


def out_of_scope(house: House, asked: Asked) -> Answer:
    """Say kindly that this is not for here, with a way to a person."""
    return _say(house, asked, "out_of_scope", (Choice("button_human", "request_human"),))


def _say(house: House, asked: Asked, key: str, choices: tuple[Choice, ...] = ()) -> Answer:
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.not_understood = 0
        return _to(resident, Reply((Message(key),), choices))


def send_letters(house: House, asked: Asked) -> Answer:
    """Invite the photos; ask leave first when it was not given."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        if resident.consent != "yes":
            return _to(resident, ask_leave(resident, "send_letters_first"))
        return _to(resident, Reply((Message("send_letters"),)))


def consent_yes(house: House, asked: Asked) -> Answer:
    """Take the plain yes; photos that waited for it are fetched now."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.asked = None
        if resident.consent == "yes":
            return _to(resident, Reply((Message("send_letters"),)))
        resident.consent = "yes"
        resident.consent_at = work.clock.now()
        waiting = fetch_announced(work, resident)
        key = "consent_thanks_waiting" if waiting else "consent_thanks"
        choices = (Choice("button_all", "all_photos"),) if waiting else ()
        return _to(resident, Reply((Message(key), Message("how_to_photograph")), choices))


def consent_no(house: House, asked: Asked) -> Answer:
    """Accept the no at once; what waited is dropped; a human stays possible."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.asked = "leave_again"
        resident.consent = "no"
        resident.consent_at = work.clock.now()
        drop_announced(work, resident)
        return _to(resident, Reply((Message("consent_refused"),), (Choice("button_human", "request_human"),)))


def ask_leave_again(house: House, asked: Asked) -> Answer:
    """Ask leave once more, because she said yes after a no."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.consent = "asked" if resident.consent == "no" else resident.consent
        return _to(resident, ask_leave(resident, "greet_again"))


def all_photos(house: House, asked: Asked) -> Answer:
    """Close the bag: "dat was alles"."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.asked = None
        if resident.consent != "yes":
            return _to(resident, ask_leave(resident, "send_letters_first"))
        bag = work.papers.current_bag(resident)
        if bag is None:
            latest = work.papers.latest_bag(resident)
            if latest is None:
                return _to(resident, no_letters_yet(resident))
            if latest.explained_at is None:
                return _to(resident, Reply((Message("still_reading"),)))
            return _to(resident, Reply((Message("no_new_photos"),), START_CHOICES[:2]))
        photos = work.papers.photos(bag)
        close_bag(house, work, resident, bag)
        if len(photos) == 1:
            return _to(resident, Reply((Message("reading_one"),)))
        return _to(resident, Reply((Message("reading_all", {"count": len(photos)}),)))


def say_yes(house: House, asked: Asked) -> Answer:
    """Take a bare yes as the answer to what was asked last."""
    return _take(house, asked, AFFIRMED, "yes_to_what")


def say_no(house: House, asked: Asked) -> Answer:
    """Accept a no at once, whatever was asked."""
    return _take(house, asked, DENIED, "no_is_fine")


def _take(house: House, asked: Asked, table: dict[str, UseCase], otherwise: str) -> Answer:
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        usecase = table.get(resident.asked or "")
        if asked.door == HELPER and resident.asked in HERS_ALONE and table is AFFIRMED:
            return _to(resident, Reply((Message("only_herself"),)))
        if resident.asked == "delete" and table is AFFIRMED and not SURE.search(asked.text):
            return _to(resident, _ask_delete(resident))
        if usecase is None:
            had_question = resident.asked is not None
            resident.asked = None
            if otherwise == "yes_to_what" and resident.consent != "yes":
                return _to(resident, ask_leave(resident, "greet_again"))
            if otherwise == "no_is_fine" and had_question:
                return _to(resident, Reply((Message("no_is_fine"),), START_CHOICES[:2]))
            return _to(resident, Reply((Message(otherwise),), START_CHOICES))
    return usecase(house, asked)


def not_understood(house: House, asked: Asked) -> Answer:
    """Ask once with short choices; the second time offer a person. Never a loop."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.not_understood += 1
        if resident.not_understood >= MISUNDERSTOOD_TWICE:
            resident.not_understood = 0
            return _to(
                resident,
                Reply(
                    (Message("not_understood_twice"),),
                    (Choice("button_send_human", "request_human"), *START_CHOICES[:1]),
                ),
            )
        return _to(resident, Reply((Message("not_understood"),), START_CHOICES))


def tell_privacy(house: House, asked: Asked) -> Answer:
    """Tell who sees what, what is shared, who looked, and how to erase it (F77, F80)."""
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        texts = [Message("privacy", {"municipality": house.settings.municipality})]
        case = work.cases.open_for(resident)
        choices: list[Choice] = []
        if case is not None:
            person = work.people.professional(case.professional_ref)
            # After danger a person reads her words; her letters only after her own yes.
            shown = "privacy_shared" if work.cases.preview(resident, case) is not None else "privacy_words"
            texts.append(Message(shown, {"name": person.name if person else ""}))
            names = {
                look.professional_ref: other.name
                for look in work.cases.looks(resident)
                if (other := work.people.professional(look.professional_ref)) is not None
            }
            if names:
                texts.append(Message("privacy_looked", {"names": ", ".join(sorted(names.values()))}))
            choices.append(Choice("button_withdraw", "withdraw"))
            choices.insert(0, Choice("button_dossier", "my_dossier"))
        if any(door.kind == HELPER for door in work.residents.doors(resident)):
            texts.append(Message("privacy_helper"))
            choices.append(Choice("button_end_joining", "end_joining"))
        if goal_of(work, resident):
            texts.append(Message("privacy_goal", {"goal": goal_of(work, resident) or ""}))
        if resident.unsafe:
            choices.append(Choice("button_safe", "ask_safe_hours"))
        choices.append(Choice("button_delete", "delete_my_data"))
        return _to(resident, Reply(tuple(texts), tuple(choices)))


def ask_delete(house: House, asked: Asked) -> Answer:
    """Ask once before everything is destroyed; "ja, wis alles" after that question is the yes."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        was_asked = resident.asked == "delete" and asked.door != HELPER
        if not (was_asked and re.match(r"\W*(ja|yes|evet|tak|نعم|так)\b", asked.text.lower())):
            return _to(resident, _ask_delete(resident))
    return delete_now(house, asked)


def _ask_delete(resident: Resident) -> Reply:
    resident.asked = "delete"
    return Reply((Message("delete_ask"),), (Choice("button_delete_sure", "delete_now"), Choice("button_no", "say_no")))


def stop(house: House, asked: Asked) -> Answer:
    """Send no more messages; everything stays until she returns or lets it be erased.

    "Stop met delen" takes back the consent and nothing more (F51).
    """
    if SHARING.search(asked.text):
        return withdraw(house, asked)
    if asked.door == HELPER:
        return only_herself(house, asked)
    if SAFE_HOURS.search(asked.text):
        return ask_safe_hours(house, asked)
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.asked = None
        resident.muted = True
        return _to(
            resident,
            Reply((Message("stopped"),), (Choice("button_delete", "delete_my_data"), Choice("button_again", "greet"))),
        )


def unmute(house: House, resident_ref: str) -> None:
    """Note that somebody who said stop writes again."""
    with house.work() as work:
        the_resident(work, resident_ref).muted = False


def muted(house: House, asked: Asked) -> Answer:
    """Answer somebody who stopped and writes again."""
    return greet(house, asked)


def change_language(house: House, asked: Asked) -> Answer:
    """Go on in another language, or show which there are."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        language = asked.values.get("language") or asked.entities.get("language", "")
        if language not in LANGUAGES:
            choices = tuple(Choice(f"language_{each}", "change_language", {"language": each}) for each in LANGUAGES)
            return _to(resident, Reply((Message("ask_language"),), choices))
        available = language in house.texts
        resident.language = language if available else "nl"
        key = "language_changed" if available else "language_later"
        if resident.consent == "asked":
            # The question still stood in the other language; she is asked again in words that she can read.
            return _to(resident, ask_leave(resident, key))
        return _to(resident, Reply((Message(key),), (Choice("button_human", "request_human"),)))


def ask_all(house: House, work: Work, resident: Resident) -> Reply:
    """Return the question after a quiet time: was that all?"""
    resident.asked = "all_photos"
    return Reply((Message("ask_all"),), (Choice("button_all", "all_photos"), Choice("button_more", "more_photos")))


def more_photos(house: House, asked: Asked) -> Answer:
    """Wait for more photos."""
    return _say(house, asked, "more_photos")


HERS_ALONE = frozenset({"consent", "delete", "preview", "share_more"})
"""Questions to which somebody who reads along cannot say yes for the resident."""

AFFIRMED: dict[str, UseCase] = {
    "consent": consent_yes,
    "all_photos": all_photos,
    "send_to_human": request_human,
    "share_more": share_more,
    "preview": confirm_hand_over,
    "delete": delete_now,
    "not_mine": surely_not_mine,
    "paid": surely_paid,
    "leave_again": ask_leave_again,
}
DENIED: dict[str, UseCase] = {"consent": consent_no, "all_photos": more_photos}
