"""Who is signed in at the mock: for each device a chain of refresh tokens, as the contract has it."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from app.conformance.county import COUNTY, PASSWORD, PEOPLE, Person
from app.http.tokens import Caller
from app.kernel.ids import new_id
from app.kernel.problems import BAD_CREDENTIALS, NOT_SIGNED_IN, SESSION_ENDED, Problem


@dataclass
class Session:
    """A device that is signed in. The last of `chain` is the newest refresh token."""

    person: Person
    device_id: str | None
    id: UUID = field(default_factory=new_id)
    chain: list[str] = field(default_factory=list)
    access_token: str | None = None
    ended: bool = False

    @property
    def caller(self) -> Caller:
        return Caller(COUNTY, self.person.id, self.id)


class Sessions:
    """Signing in, going on, signing out. Of access tokens only the newest of a session is good."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []

    def sign_in(self, username: str, password: str, device_id: str | None) -> Session:
        """Raises `BAD_CREDENTIALS`."""
        person = PEOPLE.get(username)
        if person is None or password != PASSWORD:
            raise Problem(BAD_CREDENTIALS)
        for older in self._sessions:
            if device_id and (older.person, older.device_id) == (person, device_id):
                self.end(older)
        session = Session(person, device_id)
        self._sessions.append(session)
        return self._renewed(session, self.new_token())

    def refresh(self, token: str) -> Session:
        """The newest token makes the next; the one before it gives the newest again. Raises `SESSION_ENDED`."""
        session = next((each for each in self._sessions if token in each.chain), None)
        if session is None or session.ended:
            raise Problem(SESSION_ENDED)
        newest = session.chain[-1]
        if token == newest:
            return self._renewed(session, self.new_token())
        if token == session.chain[-2]:
            return self._renewed(session, newest)
        self.end(session)
        raise Problem(SESSION_ENDED)

    def of(self, access_token: str) -> Session:
        """Raises `NOT_SIGNED_IN` and `SESSION_ENDED`."""
        for session in self._sessions:
            if access_token and session.access_token == access_token:
                if session.ended:
                    raise Problem(SESSION_ENDED)
                return session
        raise Problem(NOT_SIGNED_IN)

    def end(self, session: Session) -> None:
        session.ended = True

    def new_token(self) -> str:
        return secrets.token_urlsafe(24)

    def _renewed(self, session: Session, newest: str) -> Session:
        if newest not in session.chain:
            session.chain.append(newest)
        session.access_token = self.new_token()
        return session
