"""The web door over real HTTP: forms without a script, uploads, limits, headers, and whose data is whose."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from bot.rasa_client import RasaClient
from bot.webchat import routes
from briefbrug.house import House
from briefbrug.store.tables import ChatMessage, Photo, Resident
from briefbrug.store.thread import HUMAN, MACHINE, RESIDENT, Button, Picture, Said
from tests.bot.servers import RasaDouble, Served, with_headers
from tests.conftest import MakeHouse, wait_until

HTML = {"accept": "text/html"}


def jpeg(number: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64 + number, 48), (200, 200, 200)).save(out, "JPEG")
    return out.getvalue()


class Browser:
    """A browser without a script, or the page's script when JSON is asked."""

    def __init__(self, url: str, address: str | None = None) -> None:
        self.client = httpx.Client(
            base_url=url, trust_env=False, timeout=30, headers={"x-forwarded-for": address} if address else {}
        )
        self.html = ""

    def __enter__(self) -> Browser:
        self.visit()
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def visit(self) -> httpx.Response:
        answer = self.client.get("/", headers=HTML)
        self.html = answer.text
        return answer

    @property
    def token(self) -> str:
        return re.findall(r'data-token="([^"]+)"', self.html)[0]

    def button(self, label: str) -> dict[str, str]:
        """Return the fields of the form whose button has these words."""
        for form in reversed(re.findall(r'<form class="bb-choices".*?</form>', self.html, re.DOTALL)):
            found = re.search(rf'name="index" value="(\d+)"[^>]*>{re.escape(label)}<', form)
            if found:
                fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
                return {**fields, "index": found[1]}
        raise AssertionError(f"no button {label}")

    def press(self, label: str, headers: dict[str, str] = HTML) -> httpx.Response:
        answer = self.client.post("/chat/button", data=self.button(label), headers=headers)
        self.visit()
        return answer

    def types(self, text: str, number: str = "", headers: dict[str, str] | None = None) -> httpx.Response:
        fields = {"text": text, "token": self.token, **({"id": number} if number else {})}
        return self.client.post("/chat/text", data=fields, headers=headers or {})

    def says_yes(self) -> None:
        assert self.press("Ja, dat is goed").status_code == 303

    def uploads(self, content: bytes, number: str = "", name: str = "foto.jpg", **headers: str) -> httpx.Response:
        more = {"X-Form-Token": self.token, "X-Upload-Id": number, **headers}
        return self.client.post("/chat/photo", files={"photos": (name, content, "image/jpeg")}, headers=more)


def rows(house: House, table: type) -> int:
    with house.look() as work:
        return work.session.query(table).count()


def resident_of(house: House, browser: Browser) -> str:
    with house.look() as work:
        found = work.residents.by_door("web", browser.client.cookies["briefbrug"])
        assert found is not None
        return found.ref


def test_the_page_greets_as_a_machine_and_asks_leave(pages: str):
    with Browser(pages) as browser:
        assert 'role="log"' in browser.html
        assert 'data-from="machine"' in browser.html
        assert "computer" in browser.html
        assert "Ja, dat is goed" in browser.html
        assert "Nee, liever niet" in browser.html


def test_without_a_script_the_whole_conversation_goes_on_by_forms(pages: str, web_house: House, rasa: RasaDouble):
    with Browser(pages) as browser:
        browser.says_yes()
        answer = browser.types("ik snap het niet", headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, "/#einde")
        fields = {"token": browser.token, "id": "een-formulier-1"}
        answer = browser.client.post(
            "/chat/photo",
            data=fields,
            files=[("photos", ("a.jpg", jpeg(1))), ("photos", ("b.jpg", jpeg(2)))],
            headers=HTML,
        )
        assert answer.status_code == 303
        browser.visit()
        assert "ik snap het niet" in browser.html
        assert "Dat heb ik gelezen." in browser.html
        assert "Ik heb 2 foto" in browser.html
        assert browser.press("Dat was alles").status_code == 303
        assert rows(web_house, Photo) == 2


def test_a_refused_photo_without_a_script_is_told_in_the_conversation(pages: str):
    with Browser(pages) as browser:
        browser.says_yes()
        fields = {"token": browser.token, "id": "een-formulier-2"}
        browser.client.post(
            "/chat/photo", data=fields, files=[("photos", ("a.jpg", b"<html>geen foto</html>"))], headers=HTML
        )
        browser.visit()
        assert browser.html.count('data-key="problem_file_kind"') == 1


def test_text_of_all_kinds_is_shown_as_text(pages: str, web_house: House, rasa: RasaDouble):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}} \"'></article> \u202egnp.exe"
    rasa.answer = lambda sender, text: [{"text": hostile}]
    with Browser(pages) as browser:
        browser.types(hostile)
        browser.visit()
        assert "<script>alert" not in browser.html
        assert "<img src=x" not in browser.html
        assert browser.html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
        found = browser.client.get("/chat/messages").json()
        assert all("<script>" not in message["html"] for message in found["messages"])


def test_the_same_line_twice_is_one_line(pages: str, web_house: House, rasa: RasaDouble):
    with Browser(pages) as browser:
        for _ in range(3):
            assert browser.types("hallo", "zelfde-nummer-1").status_code == 200
    assert len(rasa.heard) == 1
    with web_house.look() as work:
        assert work.session.query(ChatMessage).filter_by(sender=RESIDENT).count() == 1


def test_rasa_down_gives_one_kind_sentence_and_buttons_that_work(pages: str, rasa: RasaDouble):
    rasa.status = 500
    with Browser(pages) as browser:
        browser.says_yes()
        assert browser.types("help").status_code == 200
        browser.visit()
        assert browser.html.count('data-key="problem_assistant_away"') == 1
        assert browser.uploads(jpeg(), "een-upload-1").status_code == 200
        label = re.findall(r'data-key="problem_assistant_away".*?value="0"[^>]*>([^<]+)<', browser.html, re.DOTALL)[0]
        before = browser.html.count("<article")
        browser.press(label)
        assert browser.html.count("<article") >= before + 2


def test_a_hanging_rasa_is_answered_for_within_ten_seconds(pages: str, rasa: RasaDouble):
    rasa.hangs = True
    with Browser(pages) as browser:
        began = time.monotonic()
        answer = browser.types("help")
        assert time.monotonic() - began < 10
        assert "problem_assistant_away" in json.dumps(answer.json())
        rasa.hangs = False


# --- uploads ---


def test_one_byte_too_many_is_413_and_nothing_is_kept(pages: str, web_house: House):
    limit = web_house.settings.upload_max_bytes
    with Browser(pages) as browser:
        browser.says_yes()
        for headers in ({}, HTML):
            answer = browser.uploads(jpeg() + b"\x00" * (limit + 1 - len(jpeg())), "te-grote-upload", **headers)
            assert answer.status_code == 413
        assert browser.client.get("/").status_code == 200
    assert rows(web_house, Photo) == 0
    assert web_house.photos.names() == set()


def test_exactly_the_limit_is_taken(make_house: MakeHouse, rasa: RasaDouble):
    house = make_house(RASA_URL=rasa.url, RASA_TOKEN=rasa.token, UPLOAD_MAX_BYTES="5000")  # type: ignore[attr-defined]
    client = RasaClient(house.settings)
    with Served(with_headers(routes(house, client), client.close)) as served, Browser(served.url) as browser:
        browser.says_yes()
        content = jpeg() + b"\x00" * (5000 - len(jpeg()))
        assert browser.uploads(content, "precies-genoeg").status_code == 200
        assert browser.uploads(content + b"\x00", "een-te-veel").status_code == 413
        assert rows(house, Photo) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<!doctype html><script>alert(1)</script>", id="HTML"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', id="SVG"),
        pytest.param(b"MZ\x90\x00" + b"\x00" * 60, id="EXE"),
        pytest.param(b"PK\x03\x04" + b"\x00" * 60, id="ZIP"),
        pytest.param(b"", id="empty"),
        pytest.param(b"gewoon wat tekst", id="text"),
    ],
)
def test_what_is_no_photo_by_its_content_is_refused_whatever_its_name(pages: str, web_house: House, content: bytes):
    with Browser(pages) as browser:
        browser.says_yes()
        answer = browser.uploads(content, "geen-foto-1", "brief.jpg")
        assert answer.status_code == 422
        assert answer.json()["text"]
    assert rows(web_house, Photo) == 0


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", 'a"b\r\nSet-Cookie: x=1', "x" * 300, "\u202egpj.exe", "a\x00b.jpg", ""]
)
def test_the_senders_file_name_is_never_used(pages: str, web_house: House, name: str):
    with Browser(pages) as browser:
        browser.says_yes()
        content = jpeg(7)
        boundary = "grens"
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="'.encode()
            + name.encode().replace(b'"', b"%22").replace(b"\r\n", b"%0D%0A")
            + b'"\r\nContent-Type: image/jpeg\r\n\r\n' + content + f"\r\n--{boundary}--\r\n".encode()
        )  # fmt: skip
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "X-Form-Token": browser.token,
            "X-Upload-Id": "een-naam-123",
        }
        answer = browser.client.post("/chat/photo", content=body, headers=headers)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert all(re.fullmatch(r"[0-9a-f]{64}", stored) for stored in web_house.photos.names())
    assert len(web_house.photos.names()) == 1


def test_the_same_upload_again_is_one_photo(pages: str, web_house: House):
    with Browser(pages) as browser:
        browser.says_yes()
        with ThreadPoolExecutor(4) as pool:
            codes = [
                answer.status_code
                for answer in pool.map(lambda _: browser.uploads(jpeg(), "zelfde-upload-1"), range(4))
            ]
        assert codes == [200] * 4
    assert rows(web_house, Photo) == 1


def test_before_the_yes_nothing_is_kept(pages: str, web_house: House):
    with Browser(pages) as browser:
        answer = browser.uploads(jpeg(), "te-vroege-upload")
        assert answer.status_code == 409
        assert answer.json()["problem"] == "no_consent"
    assert web_house.photos.names() == set()


def test_a_broken_upload_leaves_nothing_and_the_next_one_works(pages: str, web_house: House):
    import socket
    from urllib.parse import urlsplit

    with Browser(pages) as browser:
        browser.says_yes()
        place = urlsplit(pages)
        with socket.create_connection((place.hostname or "", place.port or 0)) as line:
            line.sendall(
                f"POST /chat/photo HTTP/1.1\r\nHost: {place.netloc}\r\n"
                f"Cookie: briefbrug={browser.client.cookies['briefbrug']}\r\nX-Form-Token: {browser.token}\r\n"
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n"
                '--b\r\nContent-Disposition: form-data; name="photos"; filename="a"\r\n\r\n'.encode()
                + jpeg()
            )
        assert browser.uploads(jpeg(), "na-de-breuk-1").status_code == 200
    assert rows(web_house, Photo) == 1


def test_uploads_per_minute_are_limited_kindly(make_house: MakeHouse, rasa: RasaDouble):
    house = make_house(RASA_URL=rasa.url, RASA_TOKEN=rasa.token, UPLOADS_PER_MINUTE="3")  # type: ignore[attr-defined]
    client = RasaClient(house.settings)
    with (
        Served(with_headers(routes(house, client), client.close)) as served,
        Browser(served.url) as browser,
        Browser(served.url) as other,
    ):
        browser.says_yes()
        other.says_yes()
        answers = [browser.uploads(jpeg(number), f"snelle-upload-{number}") for number in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["text"]
        assert "retry-after" in answers[-1].headers
        assert other.uploads(jpeg(), "van-een-ander-1").status_code == 200


def test_ten_uploads_at_once_from_one_address_and_no_more(make_house: MakeHouse, rasa: RasaDouble):
    house = make_house(RASA_URL=rasa.url, RASA_TOKEN=rasa.token)  # type: ignore[attr-defined]
    client = RasaClient(house.settings)
    with Served(with_headers(routes(house, client), client.close)) as served, Browser(served.url) as browser:
        pages = served.url
        browser.says_yes()
        gate = threading.Event()
        begun: list[int] = []

        def slow_body() -> object:
            begun.append(1)
            yield b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a"\r\n\r\n' + jpeg()
            gate.wait(20)
            yield b"\r\n--b--\r\n"

        def post(number: int, content: object) -> int:
            headers = {
                "Content-Type": "multipart/form-data; boundary=b",
                "X-Form-Token": browser.token,
                "X-Upload-Id": f"trage-upload-{number}",
                "Cookie": f"briefbrug={browser.client.cookies['briefbrug']}",
            }
            url = f"{pages}/chat/photo"
            return httpx.post(url, content=content, headers=headers, timeout=30, trust_env=False).status_code  # type: ignore[arg-type]

        def is_full() -> bool:
            """Ask with an empty form: that uses up nothing of the limit of a minute."""
            return post(11, b"--b--\r\n") == 429

        with ThreadPoolExecutor(11) as pool:
            running = [pool.submit(post, number, slow_body()) for number in range(10)]
            wait_until(lambda: len(begun) == 10, what="ten uploads on their way")
            wait_until(is_full, what="a full house")
            assert browser.uploads(jpeg(), "de-elfde-upload").status_code == 429
            gate.set()
            assert min(each.result() for each in running) == 200
        assert browser.uploads(jpeg(), "daarna-gaat-het-weer").status_code == 200


# --- whose data is whose ---


def a_picture(house: House, resident_ref: str) -> str:
    """Give a resident a message with a proof and return its reference."""
    with house.work() as work:
        resident = work.residents.get(resident_ref)
        assert resident is not None
        photo = work.papers.add_photo(
            resident, work.papers.open_bag(resident), f"bron-{resident_ref[:20]}", "web", "read"
        )
        photo.page_files = [house.photos.put(work.residents.key(resident), jpeg())]
        said = Said(
            "Kijk hier.",
            buttons=(Button("Wat moet ik doen?", "help"),),
            pictures=(Picture(photo.ref, 0, (0, 0, 30, 20), ""),),
        )
        message_ref = work.thread.add(resident, MACHINE, said)
        assert message_ref is not None
        return message_ref


def test_a_picture_is_shown_to_its_own_resident_only_and_cannot_run(pages: str, web_house: House):
    with Browser(pages) as owner, Browser(pages) as other, httpx.Client(base_url=pages, trust_env=False) as stranger:
        message_ref = a_picture(web_house, resident_of(web_house, owner))
        path = f"/chat/picture/{message_ref}/0"
        answer = owner.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("inline;")
        assert answer.headers["cache-control"] == "no-store"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(answer.content)) as shown:
            assert not shown.getexif()
        for client in (other.client, stranger):
            for place in (path, f"/chat/speech/{message_ref}"):
                assert client.get(place).status_code == 404
        assert stranger.get("/chat/messages").status_code == 404
        assert stranger.get("/chat/events").status_code == 404
        assert stranger.get("/chat/export").status_code == 404
        assert owner.client.get(f"/chat/picture/{message_ref}/1").status_code == 404
        assert owner.client.get("/chat/picture/M-x/0").status_code == 404


def test_somebody_elses_button_does_nothing(pages: str, web_house: House):
    with Browser(pages) as owner, Browser(pages) as other:
        message_ref = a_picture(web_house, resident_of(web_house, owner))
        answer = other.client.post("/chat/button", data={"token": other.token, "message": message_ref, "index": "0"})
        assert answer.status_code == 200
        owner.visit()
        assert owner.html.count('data-from="resident"') == 0


def test_export_holds_everything_of_this_resident_only(pages: str, web_house: House):
    with Browser(pages) as owner, Browser(pages) as other:
        other.types("geheim van een ander")
        owner.types("mijn eigen woorden")
        answer = owner.client.get("/chat/export")
        assert "attachment" in answer.headers["content-disposition"]
        assert "mijn eigen woorden" in answer.text
        assert "geheim van een ander" not in answer.text


@pytest.mark.parametrize(
    "path", ["/chat/text", "/chat/button", "/chat/photo", "/chat/samples", "/chat/code", "/chat/link"]
)
@pytest.mark.parametrize(
    "attack",
    [
        pytest.param({"token": "", "headers": {}}, id="no token"),
        pytest.param({"token": "0" * 40, "headers": {}}, id="wrong token"),
        pytest.param({"token": None, "headers": {"origin": "https://kwaad.voorbeeld.invalid"}}, id="another site"),
        pytest.param({"token": None, "headers": {"origin": "null"}}, id="a site without a name"),
        pytest.param({"token": None, "headers": {"sec-fetch-site": "cross-site"}}, id="a browser that says so"),
    ],
)
def test_no_route_that_changes_something_takes_a_foreign_form(pages: str, web_house: House, path: str, attack: dict):
    with Browser(pages) as browser:
        browser.says_yes()
        before = rows(web_house, ChatMessage)
        token = browser.token if attack["token"] is None else attack["token"]
        files = {"photos": ("a.jpg", jpeg())} if path == "/chat/photo" else None
        fields = {"token": token, "text": "kwaad", "message": "M-1", "index": "0", "code": "ABCDEF"}
        assert browser.client.post(path, data=fields, files=files, headers=attack["headers"]).status_code == 403
        assert browser.client.get(path).status_code == 405
        assert rows(web_house, ChatMessage) == before
    assert rows(web_house, Photo) == 0


def test_a_stranger_cannot_choose_her_own_secret(pages: str, web_house: House):
    with httpx.Client(base_url=pages, trust_env=False, cookies={"briefbrug": "x" * 43}) as client:
        answer = client.get("/", headers=HTML)
        assert "x" * 43 not in answer.headers["set-cookie"]
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
    with web_house.look() as work:
        assert work.residents.by_door("web", "x" * 43) is None


def test_over_https_the_cookie_is_bound_to_the_host(make_house: MakeHouse, rasa: RasaDouble):
    house = make_house(RASA_URL=rasa.url, PUBLIC_URL="https://brieven.voorbeeld.invalid")  # type: ignore[attr-defined]
    client = RasaClient(house.settings)
    with Served(with_headers(routes(house, client), client.close)) as served, Browser(served.url) as browser:
        cookie = browser.visit().headers["set-cookie"]
        assert cookie.startswith("__Host-briefbrug=")
        assert "Secure" in cookie


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/privacy",
        "/toegankelijkheid",
        "/static/chat.css",
        "/static/chat.js",
        "/chat/messages",
        "/chat/picture/M-1/0",
        "/nergens",
        "/manifest.webmanifest",
        "/.well-known/security.txt",
    ],
)
def test_every_answer_carries_the_headers(pages: str, path: str):
    with Browser(pages) as browser:
        headers = browser.client.get(path, headers=HTML).headers
    policy = headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "default-src 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert int(re.findall(r"max-age=(\d+)", headers["strict-transport-security"])[0]) >= 31_536_000
    assert "includeSubDomains" in headers["strict-transport-security"]
    assert headers["referrer-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers


def test_no_page_carries_a_script_or_a_style_inside(pages: str):
    with Browser(pages) as browser:
        for path in ("/", "/privacy", "/toegankelijkheid"):
            html = browser.client.get(path, headers=HTML).text
            assert not re.findall(r"<script(?![^>]*\bsrc=)", html)
            assert not re.findall(r"<style|\sstyle=|\son[a-z]+=", html)
            assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!www\.knmi\.nl)', html)


def test_no_route_takes_an_address_or_a_path(pages: str):
    with Browser(pages) as browser:
        for path in (
            "/static/../webchat.py",
            "/static/%2e%2e/webchat.py",
            "/chat/picture/..%2f..%2f/0",
            "/chat/face/..%2f..%2fkey",
        ):
            assert browser.client.get(path).status_code == 404
        for query in ("url=file:///etc/passwd", "url=http://169.254.169.254/"):
            assert browser.client.get(f"/chat/messages?{query}").status_code == 200


# --- live ---


def test_events_bring_what_is_new_and_what_is_edited(pages: str, web_house: House):
    with Browser(pages) as browser:
        resident_ref = resident_of(web_house, browser)
        with browser.client.stream("GET", "/chat/events?after=0") as stream:
            lines = stream.iter_lines()

            def next_change() -> dict:
                for line in lines:
                    if line.startswith("data: {") and "messages" in line:
                        return json.loads(line.removeprefix("data: "))
                raise AssertionError("the stream ended")

            assert [message["from"] for message in next_change()["messages"]] == ["machine"]
            with web_house.work() as work:
                resident = work.residents.get(resident_ref)
                assert resident is not None
                message_ref = work.thread.add(resident, HUMAN, Said("Ik bel u."))
            assert "Ik bel u." in next_change()["messages"][0]["html"]
            with web_house.work() as work:
                resident = work.residents.get(resident_ref)
                assert resident is not None and message_ref is not None
                work.thread.edit(resident, message_ref, Said("Ik bel u morgen."))
            edited = next_change()
            assert edited["messages"][0]["ref"] == message_ref
            assert "morgen" in edited["messages"][0]["html"]
        after = edited["change"]
        with browser.client.stream("GET", "/chat/events", headers={"last-event-id": str(after - 1)}) as stream:
            line = next(line for line in stream.iter_lines() if line.startswith("data: {") and "messages" in line)
            assert [message["ref"] for message in json.loads(line.removeprefix("data: "))["messages"]] == [message_ref]
        assert browser.client.get(f"/chat/messages?after={after}").json()["messages"] == []


def test_erasing_everything_says_goodbye_and_forgets_the_browser(pages: str, web_house: House):
    with Browser(pages) as browser:
        resident_ref = resident_of(web_house, browser)
        with web_house.work() as work:
            resident = work.residents.get(resident_ref)
            assert resident is not None
            work.thread.add(resident, MACHINE, Said("Zeker?", buttons=(Button("Ja, wis alles", "delete_now"),)))
        browser.visit()
        answer = browser.client.post("/chat/button", data=browser.button("Ja, wis alles"))
        assert answer.json()["gone"]
        with web_house.look() as work:
            assert work.session.query(Resident).count() == 0
        assert 'data-from="resident"' not in browser.visit().text


def test_a_code_shows_the_same_thread_in_another_browser_once(pages: str):
    with Browser(pages) as first, Browser(pages) as second, Browser(pages) as third:
        first.types("dit schreef ik eerder")
        code = first.client.post("/chat/code", data={"token": first.token}).json()["code"]
        assert second.client.post("/chat/link", data={"token": second.token, "code": code.lower()}).json() == {
            "joined": True
        }
        assert "dit schreef ik eerder" in second.visit().text
        assert third.client.post("/chat/link", data={"token": third.token, "code": code}).status_code == 422


def test_guessing_codes_is_slowed_down(pages: str):
    with Browser(pages) as browser:
        codes = [
            browser.client.post("/chat/link", data={"token": browser.token, "code": f"AAAAA{n}"}).status_code
            for n in range(8)
        ]
        assert codes[-1] == 429


def test_a_message_is_read_aloud_by_the_machine_itself(pages: str, web_house: House):
    with Browser(pages) as browser:
        message_ref = re.findall(r'id="(M-[0-9a-f]+)"', browser.html)[0]
        answer = browser.client.get(f"/chat/speech/{message_ref}")
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.content[:4] == b"RIFF"


def test_the_page_is_light(pages: str):
    import gzip

    with Browser(pages) as browser:
        files = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', browser.html)
        html = len(gzip.compress(browser.html.encode()))
        rest = 0
        for path in [*files, "/static/photos.js", "/static/speech.js"]:
            with browser.client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
                assert answer.headers["content-encoding"] == "gzip"
                rest += sum(len(piece) for piece in answer.iter_raw())
        fonts = len(browser.client.get("/static/vendor/fonts/noto-sans-latin-wght-normal.woff2").content)
    assert html + rest + fonts < 150_000
