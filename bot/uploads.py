"""Takes files out of an upload while it streams in: in memory, bounded, never on the disk, their names unread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from briefbrug.errors import BriefbrugError, Reason

LONGEST_FIELD = 64 * 1024
MAX_FILES = 60
LONGEST_HEADERS = 8 * 1024
DRAIN_BYTES = 4 * 1024 * 1024
"""How much of a refused upload is still read, so that the sender hears the answer instead of a broken line."""


@dataclass(slots=True)
class FormPart:
    """One part of a form: a file when `is_file`, else a field."""

    name: str = ""
    is_file: bool = False
    content: bytearray = field(default_factory=bytearray)


class UploadReader:
    """Reads the parts of one multipart request as they are complete."""

    def __init__(self, request: Request, limit: int) -> None:
        self._request = request
        self._limit = limit
        self._stream = request.stream()
        self._done: list[FormPart] = []
        self._part = FormPart()
        self._header = bytearray()
        self._value = bytearray()
        self._problem: BriefbrugError | None = None
        self._files = 0

    async def parts(self) -> AsyncIterator[FormPart]:
        """Yield the parts in order.

        Raises:
            BriefbrugError: FILE_TOO_LARGE or TOO_MANY, as soon as a limit is passed; FILE_DAMAGED, when the request
                is no form or breaks off.
        """
        kind, options = parse_options_header(self._request.headers.get("content-type", ""))
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise BriefbrugError(Reason.FILE_DAMAGED, "no multipart form")
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_header_field": self._on_header,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header_end,
            },
        )
        try:
            async for piece in self._stream:
                parser.write(piece)
                if self._problem is not None:
                    raise self._problem
                done, self._done = self._done, []
                for part in done:
                    yield part
            parser.finalize()
        except (FormParserError, ClientDisconnect) as error:
            raise BriefbrugError(Reason.FILE_DAMAGED, type(error).__name__) from error

    async def drain(self) -> None:
        """Read on a little and throw it away."""
        seen = 0
        try:
            async for piece in self._stream:
                seen += len(piece)
                if seen > DRAIN_BYTES:
                    return
        except (ClientDisconnect, RuntimeError):
            return

    def _begin(self) -> None:
        self._part = FormPart()

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._bound_headers()

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._bound_headers()

    def _bound_headers(self) -> None:
        if len(self._header) + len(self._value) > LONGEST_HEADERS:
            self._problem = BriefbrugError(Reason.FILE_DAMAGED, "long headers")

    def _on_header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._part.name = options.get(b"name", b"").decode("utf-8", "replace")[:40]
            # Only whether there is a name: the sender's own file name is never used, stored or logged.
            self._part.is_file = b"filename" in options or b"filename*" in options
            self._files += self._part.is_file
            if self._files > MAX_FILES:
                self._problem = BriefbrugError(Reason.TOO_MANY, f"more than {MAX_FILES} files in one request")
        self._header.clear()
        self._value.clear()

    def _data(self, data: bytes, start: int, end: int) -> None:
        limit = self._limit if self._part.is_file else LONGEST_FIELD
        if len(self._part.content) + end - start > limit:
            self._problem = BriefbrugError(Reason.FILE_TOO_LARGE, f"more than {limit} bytes")
            return
        if self._problem is None:
            self._part.content += data[start:end]

    def _end(self) -> None:
        self._done.append(self._part)
