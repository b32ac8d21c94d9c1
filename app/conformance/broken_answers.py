"""Servers that break a clause about signing in, photos, devices, or every answer."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.conformance.county import Kept
from app.conformance.line import JSON, Asked, Said
from app.conformance.mutants import Mutant, Mutants
from app.conformance.signing_in import Session, Sessions
from app.kernel.language import Text
from app.kernel.problems import INVALID, Problem

_NUMBER = Text("必须是整数", "Must be a whole number")

mutants = Mutants()


# Signing in


@mutants("SERVER-1")
class NoRefreshToken(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if not said.answers(asked, "POST", "/v1/auth/token", 200):
            return None
        return replace(said, body={name: of for name, of in said.body.items() if name != "refresh_token"})


@mutants("SERVER-2")
class WrongPasswordIsInvalid(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        return Said.of(Problem(INVALID), asked) if said.status == 401 and asked.form.get("password") else None


@mutants("SERVER-3")
class NobodyIsForbidden(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        return replace(said, status=403) if said.status == 401 and asked.path == "/v1/me" else None


class _Chains(Sessions):
    """Refreshes go through the mutant."""

    def __init__(self, mutant: "_OfSessions") -> None:
        super().__init__()
        self.mutant = mutant

    def refresh(self, token: str) -> Session:
        return self.mutant.refresh(token, super().refresh)

    def end(self, session: Session) -> None:
        self.mutant.end(session)


class _OfSessions(Mutant):
    def __init__(self) -> None:
        super().__init__()
        self.sessions = _Chains(self)

    def refresh(self, token: str, rightly: Any) -> Session:
        session: Session = rightly(token)
        return session

    def end(self, session: Session) -> None:
        session.ended = True

    def holds(self, token: str) -> Session | None:
        return next((each for each in self.sessions._sessions if token in each.chain), None)  # noqa: SLF001


@mutants("SERVER-4")
class AnotherSuccessorEachTime(_OfSessions):
    def refresh(self, token: str, rightly: Any) -> Session:
        session = self.holds(token)
        if session is not None and token in session.chain[:-1]:
            self.ran += 1
            session.chain.append(self.sessions.new_token())
            return session
        return super().refresh(token, rightly)


@mutants("SERVER-5")
class OldTokensAreGoodForEver(_OfSessions):
    def refresh(self, token: str, rightly: Any) -> Session:
        session = self.holds(token)
        if session is not None and token in session.chain[:-2]:
            self.ran += 1
            return session
        return super().refresh(token, rightly)


@mutants("SERVER-6")
class SigningOutDoesNothing(_OfSessions):
    def end(self, session: Session) -> None:
        self.ran += 1


@mutants("SERVER-7")
class SessionsPileUp(_OfSessions):
    def end(self, session: Session) -> None:
        self.ran += 1


# Photos and devices


@mutants("SERVER-37")
class PhotosAreReplaced(Mutant):
    def put_photo(self, asked: Asked, session: Session) -> Said:
        self.ran += self.photos.pop(UUID(asked.values["photo_id"]), None) is not None
        return super().put_photo(asked, session)


@mutants("SERVER-38")
class PhotosAreCompressedAnew(Mutant):
    def my_photo(self, asked: Asked, session: Session) -> Said:
        self.ran += 1
        said = super().my_photo(asked, session)
        return replace(said, body=said.body[:-1])


@mutants("SERVER-39")
class AnyBytesAreAPhoto(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        return replace(said, status=422) if said.status == 415 else None


@mutants("SERVER-40")
class DevicesAreReplaced(Mutant):
    def put_device(self, asked: Asked, session: Session) -> Said:
        self.ran += bool(self.devices)
        self.devices.clear()
        return super().put_device(asked, session)


# Every answer


@mutants("SERVER-41")
class ErrorsArePlain(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        return replace(said, headers={"Content-Type": JSON}) if said.status == 404 else None


@mutants("SERVER-42")
class ChineseOnly(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if said.status != 422 or asked.language != "en":
            return None
        return replace(said, body=said.body | {"detail": INVALID.title.zh})


@mutants("SERVER-43")
class StandingIsGone(Mutant):
    def listed(self, kept: Kept, asked: Asked) -> dict[str, Any]:
        self.ran += 1
        return {name: of for name, of in super().listed(kept, asked).items() if name != "standing"}


@mutants("SERVER-44")
class TimesHaveNoOffset(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if "received_at" not in (said.body or {}):
            return None
        return replace(said, body=said.body | {"received_at": said.body["received_at"].replace(tzinfo=None)})


@mutants("SERVER-45")
class NoDate(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        return replace(said, headers=said.headers | {"Date": ""}) if asked.path == "/v1/me" else None
