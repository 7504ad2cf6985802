"""The conformance kit of the reverse proxy: the same requests through the
gateway to real backends, and what each of them saw. Run as: kit.py [STAGE]"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import abuse
import answers
import carried
import faults
import identity
import mounts
import notes
from common import ALICE, HARD, Report
from credentials import InForm, password, xauth
from processes import PLATFORMS, Gateway, backend


def main():
    stage = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        answers.write(work / "answers.json")
        for platform in PLATFORMS:
            against(platform, Gateway(stage, work / "keys.json"), work)
        faults.check(Report("proxy to what is broken"), Gateway(stage, work / "keys.json"))
        notes.check(Report("proxy to a notes API"), Gateway(stage, work / "keys.json"))


def against(platform, gateway, work):
    """One backend, and the gateways in front of it."""
    subject = f"proxy to {platform.name}"
    report = Report(subject)
    with backend(platform, work, gateway.url) as behind:
        with gateway.serving(behind.origin):
            conform(subject, gateway, behind)
        faults.slow(report, gateway, behind)
        mounts.check(report, gateway, behind)
        if platform.verifies:
            mounts.audience(report, gateway, behind)


def conform(subject, gateway, behind):
    """All that one backend is put through."""
    report = Report(subject)
    bearer = password(gateway, "mobile", ALICE)
    signed = xauth(gateway, "hard & fast/1", HARD)
    carried.check(Report(f"{subject}, OAuth 2"), gateway, behind, bearer, carried.ALL)
    carried.check(Report(f"{subject}, OAuth 1.0"), gateway, behind, signed, carried.ALL)
    in_query = replace(signed, place="query", method="HMAC-SHA1")
    carried.check(Report(f"{subject}, OAuth 1.0 in the query"), gateway, behind, in_query,
                  carried.QUERIES | carried.FORMS)
    answers.check(report, gateway, behind, bearer)
    in_form = replace(signed, place="form", method="HMAC-SHA512")
    for how, credential in (("OAuth 2 in the form", InForm(bearer.token)), ("OAuth 1.0 in the form", in_form),
                            ("OAuth 1.0 in the query", in_query), ("OAuth 1.0 in the header", signed)):
        identity.removed(Report(f"{subject}, {how}"), gateway, behind, credential)
    who(Report(subject), gateway, behind, signed, bearer)
    abuse.wire(report, gateway, behind, bearer)
    abuse.credentials(report, gateway, behind, signed, bearer)
    faults.reuse(report, gateway, behind, bearer)
    faults.real(report, gateway, behind, bearer)


def who(report, gateway, behind, signed, bearer):
    identity.headers(report, gateway, behind, signed, "hard & fast/1", HARD, "oauth1")
    identity.headers(report, gateway, behind, bearer, "mobile", ALICE, "oauth2")
    identity.no_user(report, gateway, behind)
    identity.forged(report, gateway, behind, bearer)
    identity.forwarded(report, gateway, behind, bearer)
    identity.hop_by_hop(report, gateway, behind, bearer)
    identity.hashed(report, gateway, behind, signed)
    if behind.platform.verifies:
        identity.assertion(report, gateway, behind, signed, "hard & fast/1", "oauth1")
        identity.assertion(report, gateway, behind, bearer, "mobile", "oauth2")


if __name__ == "__main__":
    main()
