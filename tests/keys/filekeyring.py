"""A key store for tests that start the program as a process: one JSON file, named by ``OKPAY_TEST_KEYS``."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class Keyring(KeyringBackend):
    priority = 9

    def get_password(self, service, name):
        return self._all().get(f"{service} {name}")

    def set_password(self, service, name, password):
        self._keep({**self._all(), f"{service} {name}": password})

    def delete_password(self, service, name):
        self._keep({key: value for key, value in self._all().items() if key != f"{service} {name}"})

    def _all(self):
        path = Path(os.environ["OKPAY_TEST_KEYS"])
        return json.loads(path.read_text()) if path.exists() else {}

    def _keep(self, keys):
        Path(os.environ["OKPAY_TEST_KEYS"]).write_text(json.dumps(keys))
