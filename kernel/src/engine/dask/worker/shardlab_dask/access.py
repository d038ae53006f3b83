"""Where a source's files are: this machine, or a store with the keys that the kernel gave. Nothing here prints them."""

import json
from functools import lru_cache

import pyarrow.fs as fs


class Access:
    """A store's place and keys, as a graph carries them."""

    def __init__(self, found):
        self.found = found

    def __repr__(self):
        return "Access" if self.found is None else f"Access({self.found['kind']})"

    def system(self):
        """pyarrow's file system; None for this machine's files."""
        return None if self.found is None else make(json.dumps(self.found, sort_keys=True))

    def inside(self, address):
        """The path in the file system, without scheme."""
        if address.startswith("file://"):
            return address[len("file://") :]
        return address if self.found is None else address.split("://", 1)[1]


@lru_cache(maxsize=16)
def make(text):
    found = json.loads(text)
    keys = found.get("keys")
    if found["kind"] == "azure":
        blob, scheme, given = found["authority"], found["scheme"], keys or {}
        return fs.AzureFileSystem(
            found["account"], account_key=given.get("key"), sas_token=given.get("sas"),
            blob_storage_authority=blob, dfs_storage_authority=blob.replace(".blob.", ".dfs.", 1),
            blob_storage_scheme=scheme, dfs_storage_scheme=scheme,
        )  # fmt: skip
    signing = {} if keys is None else {"anonymous": True}
    if keys:
        signing = {"access_key": keys["id"], "secret_key": keys["secret"], "session_token": keys.get("token")}
    return fs.S3FileSystem(
        region=found["region"], scheme=found["scheme"], endpoint_override=found.get("endpoint"),
        force_virtual_addressing=found["virtual"], **signing,
    )  # fmt: skip
