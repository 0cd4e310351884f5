"""Starts the action server: builds the house and registers one action for each row of the table."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from typing import Any, cast

from rasa_sdk import Action, Tracker, endpoint
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.table import ACTIONS
from briefbrug.house import House, build_house
from briefbrug.settings import read_settings
from briefbrug.usecases.answer import Asked, UseCase, answer_kindly


def asked_from(tracker: Tracker) -> Asked:
    """Return what Rasa understood, as a use case wants it: of entities of one kind the first."""
    message: dict[str, Any] = tracker.latest_message or {}
    entities: dict[str, str] = {}
    for entity in cast(list[dict[str, Any]], message.get("entities") or []):
        entities.setdefault(str(entity["entity"]), str(entity["value"]))
    return Asked(
        resident_ref=str(tracker.sender_id),
        text=str(message.get("text") or ""),
        intent=str(cast(dict[str, Any], message.get("intent") or {}).get("name") or ""),
        entities=entities,
        door=str(cast(dict[str, Any], message.get("metadata") or {}).get("door") or "web"),
    )


class UseCaseAction(Action):
    """The only action class: a name, a use case, the house."""

    def __init__(self, name: str, usecase: UseCase, house: House) -> None:
        self._name = name
        self._usecase = usecase
        self._house = house

    def name(self) -> str:
        """Return the name the domain knows."""
        return self._name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Run the use case and hand its words to Rasa; it never raises."""
        asked = asked_from(tracker)
        spoken = await asyncio.to_thread(answer_kindly, self._usecase, self._house, asked)
        for said in spoken.said:
            buttons = [{"title": button.label, "payload": button.label} for button in said.buttons]
            dispatcher.utter_message(text=said.text, buttons=buttons, json_message={"said": asdict(said)})
        return [SlotSet(slot, ref) for slot, ref in spoken.slots.items()]


def main() -> None:
    """Serve the actions on loopback until stopped."""
    settings = read_settings()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("briefbrug").setLevel(logging.INFO)
    house = build_house(settings)
    executor = ActionExecutor()
    for name, usecase in ACTIONS.items():
        executor.register_action(UseCaseAction(name, usecase, house))
    app = cast(Any, endpoint).create_app(executor)
    app.run(host=settings.actions_host, port=settings.actions_port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
