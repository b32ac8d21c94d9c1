"""A phone's queue in small: keeps visits and tokens in a file, and sends until the server has answered for each.

    python3 phone_queue.py URL FILE sign-in PHONE PASSWORD
    python3 phone_queue.py URL FILE keep < visits.json     visits without ids, a list; `photos` in base64
    python3 phone_queue.py URL FILE send                   one run; again_in_s says when the next one is due

Standard library only. sync.md says why each step is as it is.
"""

import base64
import json
import os
import random
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

DONE = ("recorded", "duplicate")
TO_MEND = ("invalid", "conflict")  # any other status, also one that is not known: send it again
REFUSED = {"POST": (413,), "PUT": (409, 413, 415, 422)}  # too large a batch; a photo for its owner to look at
LEAST_WAIT_S, MOST_WAIT_S = 5, 300


class Later(Exception):
    """Nothing is known of what was sent: send it again, unchanged. `seconds`: the server wants so long a wait."""

    def __init__(self, seconds=None):
        self.seconds = seconds


class SignedOut(Exception):
    """Ask for the password again; what waits stays."""


class Phone:
    """Its `state` is on disk before anything is said or sent:

    `tokens` {...} or None, `person` who is or was signed in, `waiting` [{"person", "check_in"}] and
    `photos` [{"person", "id", "bytes"}], `to_mend` [a photo, or {"person", "check_in", "problem"}],
    `failures` in a row, `device_id`.
    """

    batch = 100

    def __init__(self, url, file):
        self.url = url.rstrip("/")
        self.file = Path(file)
        self.state = {"tokens": None, "person": None, "waiting": [], "photos": [], "to_mend": [], "failures": 0}
        self.state["device_id"] = f"sample-{uuid.uuid4()}"
        if self.file.exists():
            self.state |= json.loads(self.file.read_text())

    def store(self):
        """Written, forced to disk, and only then in the place of the old one."""
        new = self.file.with_suffix(".new")
        with new.open("w") as out:
            json.dump(self.state, out)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self.file)

    def sign_in(self, username, password):
        self.store()
        device_id = self.state["device_id"]
        self._token(grant_type="password", username=username, password=password, device_id=device_id)

    def keep(self, visits):
        person = self.state["person"]
        for visit in visits if isinstance(visits, list) else [visits]:
            photos = [
                {"person": person, "id": str(uuid.uuid4()), "bytes": each} for each in visit.get("photos", ())
            ]
            check_in = {"id": str(uuid.uuid4()), **visit, "photo_ids": [each["id"] for each in photos]}
            check_in.pop("photos", None)
            self.state["waiting"].append({"person": person, "check_in": check_in})
            self.state["photos"] += photos
        self.store()

    def send(self):
        """Visits, then photos. Raises `Later` or `SignedOut`; what was not answered for is still waiting then."""
        self.send_visits()
        self.send_photos()

    def own(self, what):
        return [each for each in self.state[what] if each["person"] == self.state["person"]]

    def send_visits(self):
        """Oldest first."""
        left = self.own("waiting")
        size = self.batch
        while left:
            batch = left[:size]
            body = {"check_ins": [each["check_in"] for each in batch], "waiting": len(left) - len(batch)}
            answer = self._signed_in("/v1/check-ins/batch", body)
            if answer is None and len(batch) > 1:  # too large
                size = len(batch) // 2
                continue
            for kept, result in zip(batch, answer["results"] if answer else [{"status": "invalid"}], strict=True):
                if result["status"] in DONE + TO_MEND:
                    self.state["waiting"].remove(kept)
                if result["status"] in TO_MEND:
                    self.state["to_mend"].append({**kept, "problem": result.get("problem")})
            self.state["failures"] = 0
            self.store()
            left = left[len(batch) :]

    def send_photos(self):
        """The bytes as they were kept; 200 says that they were there already."""
        for photo in self.own("photos"):
            path, taken = "/v1/photos/" + photo["id"], base64.b64decode(photo["bytes"])
            if self._signed_in(path, taken, "PUT") is None:
                self.state["to_mend"].append(photo)
            self.state["photos"].remove(photo)
            self.store()

    def again_in_s(self, least):
        """After a run that failed: what the server wants, else longer each time, and not all phones at once."""
        self.state["failures"] += 1
        self.store()
        wait = min(LEAST_WAIT_S * 2 ** (self.state["failures"] - 1), MOST_WAIT_S)
        return max(least or 0, wait) * (1 + random.random() / 2)  # noqa: S311

    def _signed_in(self, path, body, method="POST"):
        """With a refresh at the first 401. None: what was sent is refused."""
        if not self.state["tokens"]:
            raise SignedOut
        for last in (False, True):
            headers = {
                "Authorization": "Bearer " + self.state["tokens"]["access_token"],
                "Content-Type": "application/json" if method == "POST" else "image/jpeg",
            }
            said = json.dumps(body).encode() if method == "POST" else body
            status, answer = self._ask(path, said, headers, method)
            if status in (200, 201):
                return answer
            if status in REFUSED[method]:
                return None
            if status != 401 or last:
                raise SignedOut if status == 401 else Later
            self._token(grant_type="refresh_token", refresh_token=self.state["tokens"]["refresh_token"])

    def _token(self, **form):
        """A reply that is lost raises `Later`: the same refresh token is sent again, and is still good."""
        status, answer = self._ask("/v1/auth/token", urllib.parse.urlencode(form).encode(), {})
        if status == 401:
            self.state["tokens"] = None
            self.store()
            raise SignedOut
        if status != 200:
            raise Later
        self.state["tokens"] = answer
        self.state["person"] = answer["person"]["id"]
        self.store()

    def _ask(self, path, body, headers, method="POST"):
        """(status, JSON). Raises `Later` where there is no answer, and where the answer says so."""
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as refused:
            with refused:
                if self.passes(refused.code):
                    seconds = refused.headers.get("Retry-After", "")
                    raise Later(int(seconds) if seconds.isdigit() else None) from None
                return refused.code, None
        except (OSError, ValueError):
            raise Later from None

    def passes(self, status):
        """Whether it may be otherwise later, by the first digit of what is not known."""
        return status in (408, 429) or status >= 500


def obey(phone, command, *arguments):
    """How the phone stands after the command."""
    said = {}
    try:
        {"sign-in": phone.sign_in, "keep": phone.keep, "send": phone.send}[command](*arguments)
    except Later as later:
        said["again_in_s"] = round(phone.again_in_s(later.seconds), 1)
    except SignedOut:
        said["signed_out"] = True
    return {"waiting": len(phone.state["waiting"]), "to_mend": len(phone.state["to_mend"]), **said}


if __name__ == "__main__":
    url, file, command, *arguments = sys.argv[1:]
    print(
        json.dumps(obey(Phone(url, file), command, *([json.load(sys.stdin)] if command == "keep" else arguments)))
    )
