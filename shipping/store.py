"""The object store: whole objects, verified when they are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contract.settings import Settings


class NotInstalled(ImportError):
    """The library of object stores is an extra; the text says how to install it."""


try:
    from obstore.exceptions import AlreadyExistsError, BaseError
    from obstore.store import S3Store
except ModuleNotFoundError:
    raise NotInstalled(
        "HIRING_LANDING_URL needs obstore: pip install 'occupop-hiring[objectstore]'"
    ) from None

_SECONDS = timedelta(seconds=120)  # of a whole request: 128 MB at 1 MB/s
_CONNECT_SECONDS = timedelta(seconds=5)
_RETRIES = 2
_RETRY_SECONDS = timedelta(seconds=10)
_REGION = "us-east-1"
_ADVICE = {
    "PermissionDeniedError": "the key may not do this: it needs GetObject, PutObject,"
    " DeleteObject and ListBucket on the bucket and prefix",
    "UnauthenticatedError": "see HIRING_S3_KEY_ID and HIRING_S3_SECRET",
    "FileNotFoundError": "see the bucket in HIRING_LANDING_URL",
}


class StoreFailed(RuntimeError):
    """The store did not do what was asked. `kind`: the class of the error; its text may carry
    what was sent."""

    def __init__(self, url: str, doing: str, kind: str) -> None:
        advice = _ADVICE.get(kind, "is it reachable? see HIRING_LANDING_URL and HIRING_S3_ENDPOINT")
        super().__init__(f"{url}: {doing} failed ({kind}); {advice}; `hiring doctor` tries it")
        self.kind = kind


class UploadDamaged(StoreFailed):
    """The store holds other bytes than were sent; the next try writes them again."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "verifying what was written", "UploadDamaged")


@dataclass(frozen=True)
class Object:
    """An object in a listing. md5: of its bytes, when the store says so."""

    path: str
    bytes: int
    md5: str | None


class Store:
    """The objects under HIRING_LANDING_URL; paths are relative to it. Safe to share by threads.

    Keys come from the settings, else as the AWS tools find them: variables, role.
    """

    def __init__(self, settings: Settings) -> None:
        self.url = settings.landing_url or ""
        bucket, _, prefix = self.url.removeprefix("s3://").partition("/")
        given = {
            "endpoint": settings.s3_endpoint,
            "region": settings.s3_region,
            "access_key_id": settings.s3_key_id and settings.s3_key_id.get_secret_value(),
            "secret_access_key": settings.s3_secret and settings.s3_secret.get_secret_value(),
        }
        config: Any = {key: value for key, value in given.items() if value}
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            config={"default_region": _REGION} | config,
            client_options={
                "allow_http": (settings.s3_endpoint or "").startswith("http://"),
                "timeout": _SECONDS,
                "connect_timeout": _CONNECT_SECONDS,
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_SECONDS},
        )

    @contextmanager
    def _named(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            raise StoreFailed(self.url, doing, type(error).__name__) from None

    def put(self, path: str, content: bytes) -> None:
        """Write an object; it is there and whole when this returns.

        In one request: parts of a killed upload would stay in the bucket, in no listing.
        The store's MD5 of what it took is compared; where it has another, it is read back.
        Raises StoreFailed, UploadDamaged.
        """
        with self._named("writing"):
            told = self._store.put(path, content, use_multipart=False)
        if _md5(told["e_tag"]) != md5(content) and self.get(path) != content:
            raise UploadDamaged(self.url)

    def claim(self, path: str, content: bytes) -> bytes:
        """Write an object if there is none; returns what stands there. Raises StoreFailed."""
        found = self.get(path)
        if found is None:
            with self._named("writing"), suppress(AlreadyExistsError):  # another was faster
                self._store.put(path, content, mode="create", use_multipart=False)
            found = self.get(path)
        return found or b""

    def get(self, path: str) -> bytes | None:
        """The bytes of an object; None when there is none. Raises StoreFailed."""
        with self._named("reading"):
            try:
                return self._store.get(path).bytes().to_bytes()
            except FileNotFoundError:
                return None

    def names(self, folder: str, after: str = "") -> list[str]:
        """Names in a folder beyond `after`, in order: history is not listed. Raises StoreFailed."""
        offset = f"{folder}/{after}" if after else None
        with self._named("listing"):
            pages = self._store.list(f"{folder}/", offset=offset)
            return sorted(one["path"].rpartition("/")[2] for page in pages for one in page)

    def folders(self, folder: str) -> list[str]:
        """Names of the folders in a folder. Raises StoreFailed."""
        with self._named("listing"):
            found = self._store.list_with_delimiter(f"{folder}/")
        return sorted(path.rpartition("/")[2] for path in found["common_prefixes"])

    def objects(self) -> Iterator[Object]:
        """Everything there is. Raises StoreFailed."""
        with self._named("listing"):
            for page in self._store.list():
                for one in page:
                    yield Object(one["path"], one["size"], _md5(one["e_tag"]))

    def delete(self, paths: Iterable[str]) -> None:
        """Remove objects; what is not there is removed already. Raises StoreFailed."""
        if gone := list(paths):
            with self._named("deleting"):
                self._store.delete(gone)


def md5(content: bytes) -> str:
    """As stores state it of an object that came in one request."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _md5(e_tag: str | None) -> str | None:
    return e_tag.strip('"') if e_tag else None
