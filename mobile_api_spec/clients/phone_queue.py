"""A phone's queue in small: keeps visits and tokens in a file, and sends until the server has answered for each.

    python3 phone_queue.py URL FILE sign-in PHONE PASSWORD DEVICE
    python3 phone_queue.py URL FILE keep < check-in.json
    python3 phone_queue.py URL FILE send

Standard library only. sync.md says why each step is as it is.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

DONE = ("recorded", "duplicate")
TO_MEND = ("invalid", "conflict")  # any other status, also one that is not known: send it again
BATCH = 100


class Later(Exception):
    """Nothing is known of what was sent: send it again, unchanged, after so many seconds."""


class SignedOut(Exception):
    """Ask for the password again; what waits stays."""


class Phone:
    """`state`: {"tokens": {...}, "waiting": [check-in], "to_mend": [{"check_in", "problem"}]}; on disk first."""

    def __init__(self, url, file):
        self.url = url.rstrip("/")
        self.file = Path(file)
        self.state = {"tokens": None, "waiting": [], "to_mend": []}
        if self.file.exists():
            self.state = json.loads(self.file.read_text())

    def store(self):
        """Written, forced to disk, and only then in the place of the old one."""
        new = self.file.with_suffix(".new")
        with new.open("w") as out:
            json.dump(self.state, out)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self.file)

    def sign_in(self, username, password, device_id):
        self._token(grant_type="password", username=username, password=password, device_id=device_id)

    def keep(self, check_in):
        self.state["waiting"].append(check_in)
        self.store()

    def send(self):
        """Oldest first. Raises `Later` or `SignedOut` with everything that was not answered for still waiting."""
        left = list(self.state["waiting"])
        while left:
            batch, left = left[:BATCH], left[BATCH:]
            results = self._signed_in("/v1/check-ins/batch", {"check_ins": batch, "waiting": len(left)})["results"]
            for check_in, result in zip(batch, results, strict=True):
                if result["status"] in DONE + TO_MEND:
                    self.state["waiting"].remove(check_in)
                if result["status"] in TO_MEND:
                    self.state["to_mend"].append({"check_in": check_in, "problem": result["problem"]})
            self.store()

    def _signed_in(self, path, body):
        """With a refresh at the first 401."""
        if not self.state["tokens"]:
            raise SignedOut
        for last in (False, True):
            headers = {
                "Authorization": "Bearer " + self.state["tokens"]["access_token"],
                "Content-Type": "application/json",
            }
            status, answer = self._post(path, json.dumps(body).encode(), headers)
            if status == 200:
                return answer
            if status != 401 or last:
                raise SignedOut if status == 401 else Later(answer.get("detail", status))
            self._token(grant_type="refresh_token", refresh_token=self.state["tokens"]["refresh_token"])

    def _token(self, **form):
        """A reply that is lost raises `Later`: the same refresh token is sent again, and is still good."""
        status, answer = self._post("/v1/auth/token", urllib.parse.urlencode(form).encode(), {})
        if status == 401:
            self.state["tokens"] = None
            self.store()
            raise SignedOut
        if status != 200:
            raise Later(answer.get("detail", status))
        self.state["tokens"] = answer
        self.store()

    def _post(self, path, body, headers):
        """(status, JSON). Raises `Later` where there is no answer, and where the answer says so."""
        request = urllib.request.Request(self.url + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as refused:
            with refused:
                if refused.code in (408, 429) or refused.code >= 500:
                    raise Later(refused.headers.get("Retry-After", "5")) from None
                return refused.code, json.load(refused)
        except (OSError, ValueError) as broken:
            raise Later(str(broken)) from None


def main(url, file, command, *arguments):
    phone = Phone(url, file)
    if command == "keep":
        phone.keep(json.load(sys.stdin))
    else:
        {"sign-in": phone.sign_in, "send": phone.send}[command](*arguments)
    print(json.dumps({"waiting": len(phone.state["waiting"]), "to_mend": len(phone.state["to_mend"])}))


if __name__ == "__main__":
    main(*sys.argv[1:])
